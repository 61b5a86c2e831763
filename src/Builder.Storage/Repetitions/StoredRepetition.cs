using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Storage.Repetitions;

/// <summary>A build that repeats another one.</summary>
/// <param name="Output">Its main binary; null where it left none.</param>
/// <param name="Repeated">The main binary of the build that it repeats; null where that is not known.</param>
public sealed record StoredRepetition(
    BuildUuid Build,
    BuildUuid Repeats,
    Sha256Digest? Output,
    Sha256Digest? Repeated,
    string Worker,
    string FirstWorker,
    VariationReport Variations,
    BisectionFinding? Finding
)
{
    internal const string Columns = "build_uuid, repeats, output, repeated, worker, first_worker, made, missing, finding";

    /// <summary>Null where one of the two has no main binary.</summary>
    public bool? Agrees => Output is { } output && Repeated is { } repeated ? output == repeated : null;

    internal static StoredRepetition Read(Row row) =>
        new(
            row.Uuid(0),
            row.Uuid(1),
            row.DigestOrNull(2),
            row.DigestOrNull(3),
            row.Text(4),
            row.Text(5),
            VariationReport.Read(row.Text(6), row.Text(7)),
            row.TextOrNull(8) is { } finding ? BisectionFinding.Read(finding) : null
        );
}
