using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Publishing.Packages;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Outbox;
using Builder.Storage.Rebuilders;
using Builder.Storage.Sweeping;

namespace Builder.Publishing.Queue;

/// <summary>What publishing asks of the database of builds.</summary>
public sealed class StoredBuilds(BuilderDatabase database, DataDirectory directory, LocalArtifacts files)
{
    private const string Columns = """
        SELECT b.id, b.uuid, j.name, b.platform, b.start_d, b.start_ps, b.result_kind, b.result_number, b.result_msg,
               a.filepath, a.sha256, b.input_id, u.restricted,
               EXISTS (SELECT 1 FROM access_list l WHERE l."user" = b."user" AND l.job = b.job)
        FROM build b
        JOIN job j ON j.id = b.job
        JOIN "user" u ON u.id = b."user"
        LEFT JOIN build_artifact a ON a.id = b.main_binary
        """;

    /// <param name="Id">Builds get growing ids, in the order in which they become visible: there is one writer at a time.</param>
    public sealed record Entry(long Id, PublishableBuild Build, byte[]? InputId);

    public async Task<long> LastIdAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.IntegerAsync("SELECT COALESCE(MAX(id), 0) FROM build", cancellationToken);
    }

    public async Task<List<Entry>> AfterAsync(long id, int most, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"{Columns} WHERE b.id > @id ORDER BY b.id LIMIT @most",
            Read,
            cancellationToken,
            ("@id", id),
            ("@most", most)
        );
    }

    public async Task<Entry?> FindAsync(BuildUuid uuid, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.QueryFirstAsync($"{Columns} WHERE b.uuid = @uuid", Read, cancellationToken, ("@uuid", uuid));
    }

    /// <summary>The build with a main binary that is a file, which stays until what is returned beside it is disposed of.</summary>
    /// <remarks>Where it is stored damaged, the path leads to nothing, as where it is missing: the site names it, and no other build waits for it.</remarks>
    public async Task<(PublishableBuild Build, LocalArtifact? File)> WithFileAsync(
        PublishableBuild build,
        CancellationToken cancellationToken
    )
    {
        if (build.MainBinary is not { } binary)
            return (build, null);
        try
        {
            var file = await files.AcquireAsync(Sha256Digest.Parse(binary.Sha256), cancellationToken);
            return (build with { MainBinary = binary with { StoredPath = file.Path } }, file);
        }
        catch (DamagedContentException)
        {
            return (build, null);
        }
    }

    /// <summary>The builds, this one among them, of the same job with the same input and the same main binary.</summary>
    public async Task<List<BuildUuid>> AgreeingAsync(Entry entry, CancellationToken cancellationToken)
    {
        if (entry.InputId is null || entry.Build.MainBinary is not { } binary || !Sha256Digest.TryParse(binary.Sha256, out var digest))
            return [];
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.QueryAsync(
            """
            SELECT b.uuid
            FROM build b
            JOIN job j ON j.id = b.job
            WHERE j.name = @job AND b.input_id = @input AND b.main_sha256 = @main
            ORDER BY b.id
            """,
            row => row.Uuid(0),
            cancellationToken,
            ("@job", entry.Build.Job),
            ("@input", entry.InputId),
            ("@main", digest)
        );
    }

    /// <summary>What rebuilders say about the build, and what its packages wait for; null where it left no main binary.</summary>
    public async Task<Quorum?> QuorumAsync(BuildUuid build, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await QuorumRows.OfBuildAsync(session, build, cancellationToken);
    }

    /// <summary>What changed about rebuilders since a look.</summary>
    public async Task<RebuilderNews> RebuilderNewsAsync(RebuilderNews before, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var (last, builds) = await RebuildRows.SinceAsync(session, before.LastStatement, cancellationToken);
        return new RebuilderNews(last, builds, await QuorumRows.StateAsync(session, cancellationToken));
    }

    /// <summary>Records that a repository offers the package of a build, where it does.</summary>
    public Task NotePublishedAsync(
        PublishableBuild build,
        PublishOutcome outcome,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        PublishedEvent.Of(build, outcome) is { } published
            ? OutboxEvents.AddAsync(database, [published], now, cancellationToken)
            : Task.CompletedTask;

    /// <summary>Pages are kept as long as nothing is written; what they say of a package has changed.</summary>
    public Task TouchAsync(CancellationToken cancellationToken) => database.WriteAsync(_ => Task.CompletedTask, cancellationToken);

    private Entry Read(Row row)
    {
        var binary =
            row.IsNull(9) || !ArtifactPath.TryParse(row.Bytes(9), out var path, out _)
                ? null
                : new MainBinary(path, row.Digest(10).ToString(), directory.OfArtifact(row.Digest(10)));
        var build = new PublishableBuild(
            row.Uuid(1),
            JobName.Parse(row.Text(2)),
            Platform.Parse(row.Text(3)),
            row.Timestamp(4),
            row.Result(6),
            binary
        );
        build = build with
        {
            Uploader =
                !row.Boolean(12) ? UploaderAccess.Full
                : row.Boolean(13) ? UploaderAccess.Restricted
                : UploaderAccess.Revoked,
        };
        return new Entry(row.Integer(0), build, row.BlobOrNull(11));
    }
}
