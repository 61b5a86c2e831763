using System.Runtime.CompilerServices;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Values;

namespace Builder.Storage.Maintenance;

/// <summary>Works every build's input id out of its artifacts again.</summary>
public sealed class InputIdVerifier(BuilderDatabase database, bool repair)
{
    public async IAsyncEnumerable<Finding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var builds = session.StreamAsync(
            $"""
            SELECT build.id, build.uuid, build.input_id, {Input("opam-switch")}, {Input("build-inputs")}, {Input(
                "build-environment"
            )}, {Input("system-packages")}
            FROM build
            ORDER BY build.id
            """,
            static row =>
                (
                    Id: row.BuildId(0),
                    Uuid: row.Uuid(1),
                    Kept: row.DigestOrNull(2),
                    Inputs: new[] { row.DigestOrNull(3) ?? row.DigestOrNull(4), row.DigestOrNull(5), row.DigestOrNull(6) }
                ),
            cancellationToken
        );
        await foreach (var (id, uuid, kept, inputs) in builds)
        {
            Sha256Digest? expected = inputs.All(input => input is not null)
                ? UploadedBuild.InputIdOf(inputs.Select(input => input!.Value))
                : null;
            if (kept != expected)
                yield return await ReportAsync(id, uuid, kept, expected, cancellationToken);
        }
    }

    private static string Input(string path) =>
        $"(SELECT sha256 FROM build_artifact WHERE build_artifact.build = build.id AND build_artifact.filepath = '{path}')";

    private async Task<Finding> ReportAsync(
        BuildId id,
        BuildUuid uuid,
        Sha256Digest? kept,
        Sha256Digest? expected,
        CancellationToken cancellationToken
    )
    {
        var finding = new Finding(
            FindingKind.Inconsistent,
            $"build {uuid}",
            $"input id is {Show(kept)}, its artifacts make it {Show(expected)}"
        );
        if (!repair)
            return finding;
        await database.WriteAsync(
            async session =>
                await session.ExecuteAsync(
                    "UPDATE build SET input_id = @input WHERE id = @id",
                    cancellationToken,
                    ("@input", expected),
                    ("@id", id)
                ),
            cancellationToken
        );
        return finding with { Repaired = "set to that" };
    }

    private static string Show(Sha256Digest? digest) => digest?.ToString() ?? "none";
}
