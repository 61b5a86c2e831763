using Builder.Storage.Files;

namespace Builder.Storage.Migrations;

/// <summary>
/// Files move before the transaction up, and are copied before the transaction down, so that a crash leaves either version's
/// rows with every file to be found by doing the step again. A marker file says that old files are still to be removed.
/// </summary>
internal sealed class ArtifactsByContent : Migration
{
    public override string Identifier => "2023-09-14";

    public override long OldVersion => 17;

    public override string Summary => "artifacts by content in _artifacts instead of JOB/UUID/output";

    public override string RollbackSummary => "artifacts in JOB/UUID/output again, a copy for each build";

    public override async Task PrepareAsync(MigrationContext context)
    {
        context.Files.DeleteFile(DownMarker(context.Directory));
        CreateMarker(context, UpMarker(context));
        var rows = context.Session.StreamAsync(
            "SELECT localpath, sha256 FROM build_artifact",
            static row => (Path: row.Text(0), Digest: row.Digest(1)),
            context.CancellationToken
        );
        await foreach (var (localPath, digest) in rows)
        {
            var target = context.Directory.OfArtifact(digest);
            if (File.Exists(target))
                continue;
            var source = context.Directory.Resolve(localPath);
            if (!File.Exists(source))
            {
                context.Progress.Report($"missing: {localPath}, the only file with SHA-256 {digest}");
                continue;
            }
            context.Files.CreateDirectory(Path.GetDirectoryName(target)!);
            context.Files.Move(source, target);
        }
    }

    public override Task MigrateAsync(MigrationContext context) => MigrateTablesAsync(context);

    public override async Task CleanAsync(MigrationContext context)
    {
        if (File.Exists(UpMarker(context)))
            await RemoveOutputAsync(context, UpMarker(context));
    }

    public override async Task UndoPrepareAsync(MigrationContext context)
    {
        if (!File.Exists(UpMarker(context)))
            return;
        var rows = context.Session.StreamAsync(
            "SELECT localpath, sha256 FROM build_artifact",
            static row => (Path: row.Text(0), Digest: row.Digest(1)),
            context.CancellationToken
        );
        await foreach (var (localPath, digest) in rows)
        {
            var target = context.Directory.Resolve(localPath);
            if (!File.Exists(target))
                await CopyAsync(context, context.Directory.OfArtifact(digest), target);
        }
        EmptyArtifacts(context, UpMarker(context));
    }

    public override async Task UndoPrepareRollbackAsync(MigrationContext context)
    {
        if (File.Exists(DownMarker(context.Directory)))
            await RemoveOutputAsync(context, DownMarker(context.Directory));
    }

    private static async Task RemoveOutputAsync(MigrationContext context, string marker)
    {
        await foreach (var directory in BuildDirectoriesAsync(context))
            context.Files.DeleteDirectory(Path.Combine(directory, "output"));
        context.Files.DeleteFile(marker);
    }

    public override async Task PrepareRollbackAsync(MigrationContext context)
    {
        context.Files.DeleteFile(UpMarker(context));
        CreateMarker(context, DownMarker(context.Directory));
        var rows = context.Session.StreamAsync(
            """
            SELECT job.name || '/' || build.uuid || '/output/' || build_artifact.filepath, build_artifact.sha256
            FROM build_artifact
            JOIN build ON build.id = build_artifact.build
            JOIN job ON job.id = build.job
            """,
            static row => (Path: row.Text(0), Digest: row.Digest(1)),
            context.CancellationToken
        );
        await foreach (var (localPath, digest) in rows)
            await CopyAsync(context, context.Directory.OfArtifact(digest), context.Directory.Resolve(localPath));
    }

    public override async Task RollbackAsync(MigrationContext context)
    {
        await context.RebuildAsync(
            "build_artifact",
            """
            CREATE TABLE new_build_artifact (
                     id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                     filepath TEXT NOT NULL, -- the path as in the build
                     localpath TEXT NOT NULL, -- local path to the file on disk
                     sha256 BLOB NOT NULL,
                     size INTEGER NOT NULL,
                     build INTEGER NOT NULL,

                     FOREIGN KEY(build) REFERENCES build(id),
                     UNIQUE(build, filepath)
                   )
            """,
            """
            INSERT INTO new_build_artifact (id, filepath, localpath, sha256, size, build)
            SELECT build_artifact.id, filepath, job.name || '/' || build.uuid || '/output/' || filepath, sha256, size, build
            FROM build_artifact
            JOIN build ON build.id = build_artifact.build
            JOIN job ON job.id = build.job
            """
        );
        await context.ExecuteAsync("CREATE INDEX idx_build_artifact_sha256 ON build_artifact(sha256)");
    }

    public override bool IsRollbackUnfinished(DataDirectory directory) => File.Exists(DownMarker(directory));

    public override Task<bool> CleanAfterRollbackAsync(MigrationContext context)
    {
        var isUnfinished = File.Exists(DownMarker(context.Directory));
        if (isUnfinished)
            EmptyArtifacts(context, DownMarker(context.Directory));
        return Task.FromResult(isUnfinished);
    }

    private static void EmptyArtifacts(MigrationContext context, string marker)
    {
        context.Files.DeleteDirectory(context.Directory.Artifacts);
        context.Files.CreateDirectory(context.Directory.Artifacts);
        context.Files.DeleteFile(marker);
    }

    private static async Task MigrateTablesAsync(MigrationContext context)
    {
        await context.RebuildAsync(
            "build_artifact",
            """
            CREATE TABLE new_build_artifact (
                       id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                       filepath TEXT NOT NULL, -- the path as in the build
                       sha256 BLOB NOT NULL,
                       size INTEGER NOT NULL,
                       build INTEGER NOT NULL,

                       FOREIGN KEY(build) REFERENCES build(id),
                       UNIQUE(build, filepath)
                     )
            """,
            """
            INSERT INTO new_build_artifact (id, filepath, sha256, size, build)
            SELECT id, filepath, sha256, size, build
            FROM build_artifact
            """
        );
        await context.ExecuteAsync(
            """
            CREATE INDEX idx_build_artifact_sha256 ON build_artifact(sha256);
            CREATE INDEX idx_build_artifact_build ON build_artifact(build);
            """
        );
    }

    private static async Task CopyAsync(MigrationContext context, string source, string target)
    {
        if (!File.Exists(source))
        {
            context.Progress.Report($"missing: {source}, for {target}");
            return;
        }
        if (File.Exists(target) && new FileInfo(target).Length == new FileInfo(source).Length)
            return;
        context.Files.CreateDirectory(Path.GetDirectoryName(target)!);
        var partial = target + ".partial";
        context.Files.DeleteFile(partial);
        await using (var output = context.Files.Create(partial))
        await using (var input = File.OpenRead(source))
        {
            await input.CopyToAsync(output, context.CancellationToken);
            await context.Files.FlushAsync(output, context.CancellationToken);
        }
        context.Files.Move(partial, target);
    }

    private static IAsyncEnumerable<string> BuildDirectoriesAsync(MigrationContext context) =>
        context.Session.StreamAsync(
            "SELECT job.name || '/' || build.uuid FROM build JOIN job ON job.id = build.job",
            row => context.Directory.Resolve(row.Text(0)),
            context.CancellationToken
        );

    private static void CreateMarker(MigrationContext context, string path)
    {
        if (File.Exists(path))
            return;
        context.Files.Create(path).Dispose();
        DurableFiles.FlushDirectory(context.Directory.Root);
    }

    private static string UpMarker(MigrationContext context) => Path.Combine(context.Directory.Root, "_migrating-17-18");

    private static string DownMarker(DataDirectory directory) => Path.Combine(directory.Root, "_migrating-18-17");
}
