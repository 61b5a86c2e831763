using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;

namespace Builder.Web.Rebuilders;

/// <summary>What a rebuilder got, file by file.</summary>
/// <param name="Files">Those that the rebuilder reports and that differ, or that this site does not have.</param>
/// <param name="Same">A build of this site with the rebuilder's main binary, to compare with; null where there is none.</param>
public sealed record RebuildDetail(RebuildRow Row, IReadOnlyList<RebuiltFile> Files, BuildUuid? Same)
{
    private const int MaxFiles = 200;

    internal static async Task<RebuildDetail> ReadAsync(
        DatabaseSession session,
        RebuiltBuild build,
        RebuildRow row,
        CancellationToken cancellationToken
    )
    {
        // A statement about a repetition is listed with the build that it repeats.
        if (await RebuildRows.FindAsync(session, row.Build, row.PayloadDigest, cancellationToken) is not var (envelope, _))
            return new RebuildDetail(row, [], null);
        var ours = (await RebuilderQueries.FilesAsync(session, build.Id, cancellationToken)).ToDictionary(
            static file => file.Path,
            static file => file.Digest,
            StringComparer.Ordinal
        );
        var theirs = InTotoStatement
            .Parse(DsseEnvelope.Parse(envelope).Payload)
            .Subjects.Where(static subject => subject is { Name: not null, Sha256: not null })
            .DistinctBy(static subject => subject.Name)
            .ToDictionary(static subject => subject.Name!, static subject => subject.Sha256!.Value, StringComparer.Ordinal);
        var files = ours
            .Keys.Union(theirs.Keys)
            .Order(StringComparer.Ordinal)
            .Select(path => new RebuiltFile(
                path,
                ours.TryGetValue(path, out var left) ? left : null,
                theirs.TryGetValue(path, out var right) ? right : null
            ))
            .Where(static file => file.Theirs is not null && file.Ours != file.Theirs)
            .Take(MaxFiles)
            .ToList();
        var main = ours.FirstOrDefault(file => file.Value == build.Main).Key;
        var same =
            !row.Agrees && main is not null && theirs.TryGetValue(main, out var digest)
                ? await RebuilderQueries.WithFileAsync(session, digest, cancellationToken)
                : null;
        return new RebuildDetail(row, files, same);
    }
}
