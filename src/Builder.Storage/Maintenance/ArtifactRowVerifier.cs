using System.Runtime.CompilerServices;
using Builder.Analysis.Values;
using Builder.Storage.Files;
using Builder.Storage.Packing;
using Builder.Storage.Values;

namespace Builder.Storage.Maintenance;

/// <summary>Each content that rows name must be there, of the size they say.</summary>
internal sealed class ArtifactRowVerifier(Verification verification, IReadOnlySet<string> unreadableFolders)
{
    /// <summary>A few at a time: a query that stayed open for hours would keep SQLite's log growing.</summary>
    private const int RowsAtOnce = 1000;

    private readonly DataDirectory directory = verification.Directory;

    public async IAsyncEnumerable<Finding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] last = [];
        IReadOnlyList<NamedContent> contents;
        do
        {
            contents = await AfterAsync(last, cancellationToken);
            foreach (var content in contents)
            {
                last = content.Sha256;
                if (await CheckAsync(content, cancellationToken) is { } finding)
                    yield return finding;
            }
        } while (contents.Count == RowsAtOnce);
    }

    private async Task<List<NamedContent>> AfterAsync(byte[] last, CancellationToken cancellationToken)
    {
        await using var session = await verification.Database.OpenReadAsync(cancellationToken);
        return await session.QueryAsync(
            """
            SELECT sha256, MIN(size), MAX(size), MIN(build)
            FROM build_artifact
            WHERE sha256 > @last
            GROUP BY sha256
            ORDER BY sha256
            LIMIT @count
            """,
            static row => new NamedContent(row.Blob(0), row.Integer(1), row.Integer(2), row.BuildId(3)),
            cancellationToken,
            ("@last", last),
            ("@count", RowsAtOnce)
        );
    }

    private async Task<Finding?> CheckAsync(NamedContent content, CancellationToken cancellationToken)
    {
        if (content.Sha256.Length != Sha256Digest.SizeInBytes)
        {
            return new Finding(
                FindingKind.Inconsistent,
                $"build_artifact of build {content.Build.Value}",
                $"its SHA-256 {Convert.ToHexStringLower(content.Sha256)} has {content.Sha256.Length} bytes, not {Sha256Digest.SizeInBytes}"
            );
        }
        var digest = Sha256Digest.FromBytes(content.Sha256);
        var path = directory.OfArtifact(digest);
        if (unreadableFolders.Contains(directory.Artifacts) || unreadableFolders.Contains(Path.GetDirectoryName(path)!))
            return null;
        var kind = DirectoryEntries.KindOf(path);
        if (kind == EntryKind.Absent && await IsPackedAsync(digest, cancellationToken))
            return null; // looked at with the packed ones
        if (kind is EntryKind.Absent or EntryKind.Directory or EntryKind.Special)
            return await ConfirmMissingAsync(digest, path, cancellationToken);
        // A link was reported with the files.
        var isWrong =
            kind == EntryKind.File && new FileInfo(path).Length is var length && (content.Smallest != length || content.Largest != length);
        return isWrong ? await ConfirmSizeAsync(digest, path, cancellationToken) : null;
    }

    private async Task<bool> IsPackedAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var session = await verification.Database.OpenReadAsync(cancellationToken);
        return await PackedRows.FindAsync(session, digest, cancellationToken) is { Object: not null };
    }

    private Task<Finding?> ConfirmMissingAsync(Sha256Digest digest, string path, CancellationToken cancellationToken) =>
        verification.UnderLockAsync(
            async session =>
            {
                var needs = await session.QueryFirstAsync(
                    """
                    SELECT build.uuid
                    FROM build_artifact
                    LEFT JOIN build ON build.id = build_artifact.build
                    WHERE build_artifact.sha256 = @digest
                    LIMIT 1
                    """,
                    static row => row.TextOrNull(0) ?? "that is not there",
                    cancellationToken,
                    ("@digest", digest)
                );
                return
                    needs is null
                    || await PackedRows.FindAsync(session, digest, cancellationToken) is { Object: not null }
                    || DirectoryEntries.KindOf(path) is EntryKind.File or EntryKind.Link
                    ? null
                    : new Finding(FindingKind.Missing, verification.Relative(path), $"an artifact of build {needs} has this content");
            },
            cancellationToken
        );

    private async Task<Finding?> ConfirmSizeAsync(Sha256Digest digest, string path, CancellationToken cancellationToken)
    {
        // A file that was cut off or grew was reported with its hash; here the hash is right and the row wrong.
        if ((await ContentHash.OfAsync(path, count: null, cancellationToken)).Digest != digest)
            return null;
        return await verification.UnderLockAsync(
            async session =>
            {
                var length = new FileInfo(path).Length;
                var finding = new Finding(
                    FindingKind.Inconsistent,
                    verification.Relative(path),
                    $"rows of build_artifact say another size than its {length} bytes"
                );
                if (!verification.Repair)
                    return finding;
                await session.ExecuteAsync(
                    "UPDATE build_artifact SET size = @size WHERE sha256 = @digest",
                    cancellationToken,
                    ("@size", length),
                    ("@digest", digest)
                );
                return finding with { Repaired = "the rows say so now" };
            },
            cancellationToken
        );
    }

    private sealed record NamedContent(byte[] Sha256, long Smallest, long Largest, BuildId Build);
}
