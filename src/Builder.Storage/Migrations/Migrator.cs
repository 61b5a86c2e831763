using Builder.Posix;
using Builder.Storage.Accounts;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Storage.Packing;
using Builder.Storage.Repacking;
using Builder.Storage.Sweeping;
using Builder.Storage.Troubles;
using Microsoft.Data.Sqlite;

namespace Builder.Storage.Migrations;

/// <summary>Brings a database and its files to another version, step by step.</summary>
public sealed class Migrator
{
    private static readonly Migration[] All =
    [
        new UuidAsText(),
        new FailedBuildsByMainBinary(),
        new ArtifactsByContent(),
        new ResultKindsAndTombstones(),
        new StatementTables(),
        new RebuilderTables(),
        new RepetitionTables(),
        new AccountTables(),
        new OutboxTables(),
    ];

    /// <summary>SQLITE_BUSY.</summary>
    private const int Busy = 5;

    /// <summary>The first version that is Builder's own: earlier ones are the original's, which has SQLite alone.</summary>
    private const long FirstOfPostgreSql = 19;

    private readonly DatabaseSettings settings;
    private readonly DurableFiles files;
    private readonly IProgress<string> progress;

    /// <param name="progress">Told in one line each what is done.</param>
    public Migrator(DatabaseSettings settings, IProgress<string> progress)
        : this(settings, progress, new DurableFiles()) { }

    internal Migrator(DatabaseSettings settings, IProgress<string> progress, DurableFiles files)
    {
        this.settings = settings;
        this.progress = progress;
        this.files = files;
    }

    /// <summary>The steps this program knows, oldest first.</summary>
    public static IReadOnlyList<MigrationDescription> Steps { get; } =
    [
        .. All.Select(step => new MigrationDescription(
            step.Identifier,
            step.OldVersion,
            step.NewVersion,
            step.Summary,
            step.RollbackSummary
        )),
    ];

    public static long NewestVersion => SchemaVersion.Newest;

    /// <summary>The version the database has; null where it is empty or absent.</summary>
    public async Task<long?> CurrentVersionAsync(CancellationToken cancellationToken)
    {
        if (settings.Engine == DatabaseEngine.Sqlite && !File.Exists(settings.SqlitePath))
            return null;
        await using var database = BuilderDatabase.OpenAnyVersion(settings);
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await SchemaVersion.ReadAsync(session, settings.Description, cancellationToken);
    }

    /// <summary>Whether a step down that led to the present version was cut off after its transaction: rolling back finishes it and does no other.</summary>
    public async Task<bool> IsRollbackUnfinishedAsync(CancellationToken cancellationToken)
    {
        var version = await CurrentVersionAsync(cancellationToken);
        return All.FirstOrDefault(step => step.OldVersion == version)?.IsRollbackUnfinished(new DataDirectory(settings.DataDirectory))
            == true;
    }

    /// <summary>Creates what is absent and goes up to <paramref name="target"/> (the newest version where null).</summary>
    /// <exception cref="SchemaException">Another program's database, or a version this program cannot bring up.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken, long? target = null)
    {
        target ??= SchemaVersion.Newest;
        CreatePlaceForTables();
        await using var database = BuilderDatabase.OpenAnyVersion(settings);
        await using var session = await database.OpenReadAsync(cancellationToken);
        session.IsSpoiled = true;
        var context = Context(session, cancellationToken);
        var version = await SchemaVersion.ReadAsync(session, settings.Description, cancellationToken) ?? await CreateAsync(context);
        if (version > SchemaVersion.Newest)
            throw new SchemaException(
                $"{settings.Description} has schema version {version}, this program knows up to {SchemaVersion.Newest}."
            );
        if (version < SchemaVersion.Oldest)
            throw new SchemaException(
                $"{settings.Description} has schema version {version}: bring it to {SchemaVersion.Oldest} with the original builder-migrations first."
            );

        CreateFolders();
        if (settings.Engine == DatabaseEngine.PostgreSql && version < FirstOfPostgreSql)
            throw new SchemaException(
                $"{settings.Description} says that it has schema version {version}, but PostgreSQL databases begin at {FirstOfPostgreSql}: restore it, or copy it anew from SQLite."
            );
        await FinishAsync(context, version);
        var steps = StepsOf(settings.Engine).ToList();
        foreach (var step in steps.Where(step => step.NewVersion <= version))
            await step.UndoPrepareRollbackAsync(context);
        foreach (var step in steps.Where(step => step.OldVersion >= version && step.NewVersion <= target))
        {
            progress.Report($"{step.OldVersion} -> {step.NewVersion} ({step.Identifier}): {step.Summary}");
            await step.PrepareAsync(context);
            await InTransactionAsync(context, step.OldVersion, step.NewVersion, step.MigrateAsync);
            await step.CleanAsync(context);
        }
    }

    /// <summary>One step down; where the last one was cut off after its transaction, the rest of that and no more.</summary>
    /// <param name="keepOwnEntries">What only this program knows stays in the data directory, rather than being moved to <c>DATADIR.rolled-back</c>.</param>
    /// <exception cref="SchemaException">There is no way down from here, or another program uses the data.</exception>
    public async Task RollbackAsync(CancellationToken cancellationToken, bool keepOwnEntries = false)
    {
        if (settings.Objects is { } objects)
            throw new SchemaException(
                $"The artifacts are in {objects.Address}, where older versions do not look: run \"builder db copy --to-artifacts directory\", then roll back without --artifacts."
            );
        if (settings.Engine == DatabaseEngine.PostgreSql && await CurrentVersionAsync(cancellationToken) <= FirstOfPostgreSql)
            throw new SchemaException(
                $"PostgreSQL databases begin at version {FirstOfPostgreSql}: copy it to SQLite with \"builder db copy\" and roll that back."
            );
        using var alone = Directory.Exists(settings.DataDirectory)
            ? DirectoryLock.TryTakeAlone(settings.DataDirectory) ?? throw InUse(null)
            : null;
        if (await AloneAsync((_, version) => Task.FromResult(version), cancellationToken) >= FirstOfPostgreSql)
            await FinishUploadsAsync(cancellationToken);
        await AloneAsync(
            async (session, version) =>
            {
                await RollbackAsync(Context(session, cancellationToken, keepOwnEntries), version);
                return true;
            },
            cancellationToken
        );
    }

    private async Task RollbackAsync(MigrationContext context, long? version)
    {
        var step =
            All.FirstOrDefault(step => step.NewVersion == version)
            ?? throw new SchemaException(
                $"{settings.Description} has {(version is null ? "no schema" : $"schema version {version}")}: this program rolls back from versions {All[0].NewVersion} to {SchemaVersion.Newest}."
            );
        if (await FinishAsync(context, step.NewVersion))
        {
            progress.Report($"{step.NewVersion + 1} -> {step.NewVersion}: finished, which had been cut off");
            return;
        }
        foreach (var higher in All.Where(higher => higher.OldVersion >= step.NewVersion))
            await higher.UndoPrepareAsync(context);
        progress.Report($"{step.NewVersion} -> {step.OldVersion} ({step.Identifier}): {step.RollbackSummary}");
        await step.PrepareRollbackAsync(context);
        await InTransactionAsync(context, step.NewVersion, step.OldVersion, step.RollbackAsync);
        await step.CleanAfterRollbackAsync(context);
    }

    /// <summary>Work on a connection that has the database to itself.</summary>
    private async Task<T> AloneAsync<T>(Func<DatabaseSession, long?, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var database = BuilderDatabase.OpenAlone(settings);
        DatabaseSession session;
        long? version;
        try
        {
            session = await database.OpenReadAsync(cancellationToken);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == Busy)
        {
            throw InUse(exception);
        }
        await using (session)
        {
            session.IsSpoiled = true;
            try
            {
                version = await SchemaVersion.ReadAsync(session, settings.Description, cancellationToken);
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode == Busy)
            {
                throw InUse(exception);
            }
            return await work(session, version);
        }
    }

    private SchemaException InUse(Exception? exception) =>
        new(
            $"another program uses {settings.DataDirectory}: stop builder web, and every \"builder db\" and \"builder repo\" command, then roll back again. Nothing was changed.",
            exception!
        );

    /// <summary>Undoes uploads that were cut off and deletes the files of removed builds: the older version knows nothing of either.</summary>
    private async Task FinishUploadsAsync(CancellationToken cancellationToken)
    {
        await using var database = BuilderDatabase.OpenAnyVersion(settings);
        var directory = new DataDirectory(settings.DataDirectory);
        var check = new ContentCheck(directory, new DamagedContents(), TimeProvider.System);
        using var store = new PackedArtifactStore(
            database,
            directory,
            new FileArtifactStore(directory, files, check),
            check,
            TimeProvider.System
        );
        await PackingTable.EnsureAsync(database, cancellationToken);
        // Where there is a bucket, nothing is rolled back.
        var builds = new DirectoryBuildFiles(directory, files);
        var authenticator = new Authenticator(database, TimeProvider.System);
        await new UploadIngestor(database, directory, store, builds, files, authenticator, TimeProvider.System).CleanAsync(
            cancellationToken
        );
        await new FileSweeper(database, directory, store, builds).SweepAsync(cancellationToken);
        // Older versions know contents only as they are.
        var packer = new ContentPacker(database, directory, store, files, TimeProvider.System);
        if (await packer.UnpackAsync(progress: null, cancellationToken) is null)
            throw InUse(null);
        await database.WriteQuietlyAsync(session => session.ExecuteAsync(PackingTable.Drop, cancellationToken), cancellationToken);
    }

    /// <summary>Finishes the file work of a step that was cut off after its transaction.</summary>
    /// <returns>Whether that was a step down.</returns>
    private static async Task<bool> FinishAsync(MigrationContext context, long version)
    {
        var wasStepDown = false;
        var known = StepsOf(context.Session.Engine);
        foreach (var step in known.Where(step => step.NewVersion <= version))
            await step.CleanAsync(context);
        foreach (var step in known.Where(step => step.OldVersion >= version))
            wasStepDown |= await step.CleanAfterRollbackAsync(context);
        return wasStepDown;
    }

    private static IEnumerable<Migration> StepsOf(DatabaseEngine engine) =>
        All.Where(step => engine == DatabaseEngine.Sqlite || step.OldVersion >= FirstOfPostgreSql);

    private MigrationContext Context(DatabaseSession session, CancellationToken cancellationToken, bool keepOwnEntries = false) =>
        new(session, new DataDirectory(settings.DataDirectory), files, progress, keepOwnEntries, cancellationToken);

    private void CreatePlaceForTables()
    {
        files.CreateDirectory(new DataDirectory(settings.DataDirectory).Root);
        if (settings.Engine == DatabaseEngine.Sqlite && !File.Exists(settings.SqlitePath))
            files.Create(settings.SqlitePath).Dispose();
    }

    /// <summary>Only once the tables turned out to be ours: nothing is put into a directory of others.</summary>
    private void CreateFolders()
    {
        var directory = new DataDirectory(settings.DataDirectory);
        files.CreateDirectory(directory.Artifacts);
        files.CreateDirectory(directory.Staging);
    }

    private async Task<long> CreateAsync(MigrationContext context)
    {
        if (settings.Engine == DatabaseEngine.PostgreSql)
        {
            progress.Report($"new tables at version {FirstOfPostgreSql} in {settings.Description}");
            await context.ExecuteAsync(
                $"""
                BEGIN;
                {Schema19.WholeForPostgreSql}
                INSERT INTO schema_version (id, application_id, version) VALUES (1, {BuilderDatabase.ApplicationId}, {FirstOfPostgreSql});
                COMMIT;
                """
            );
            return FirstOfPostgreSql;
        }
        progress.Report($"new tables at version 18 in {settings.Description}");
        await context.ExecuteAsync(
            $"""
            BEGIN IMMEDIATE;
            {Schema18.Tables}
            PRAGMA application_id = {BuilderDatabase.ApplicationId};
            PRAGMA user_version = 18;
            COMMIT;
            """
        );
        return 18;
    }

    /// <summary>Tables are rebuilt without enforcing references in between; they are checked before the end.</summary>
    private async Task InTransactionAsync(MigrationContext context, long from, long to, Func<MigrationContext, Task> work)
    {
        var isSqlite = settings.Engine == DatabaseEngine.Sqlite;
        await context.ExecuteAsync(
            isSqlite
                ? "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE;"
                : $"BEGIN; SELECT pg_advisory_xact_lock({BuilderDatabase.ApplicationId});"
        );
        var found = await SchemaVersion.ReadAsync(context.Session, settings.Description, context.CancellationToken);
        if (found != from)
            throw new SchemaException(
                $"{settings.Description} has schema version {found}, expected {from}: another program changed it meanwhile."
            );
        await work(context);
        if (isSqlite)
            await RequireReferencesAsync(context, from, to);
        await context.ExecuteAsync(isSqlite ? $"PRAGMA user_version = {to}" : $"UPDATE schema_version SET version = {to} WHERE id = 1");
        files.Step("commit");
        await context.Session.ExecuteAsync(isSqlite ? "COMMIT; PRAGMA foreign_keys = ON;" : "COMMIT;", CancellationToken.None);
        files.Step("committed");
    }

    private async Task RequireReferencesAsync(MigrationContext context, long from, long to)
    {
        var violations = await context.Session.QueryAsync(
            "PRAGMA foreign_key_check",
            static row => $"{row.Text(0)} row {row.IntegerOrNull(1)} refers to nothing in {row.Text(2)}",
            context.CancellationToken
        );
        if (violations.Count > 0)
            throw new SchemaException(
                $"{settings.Description} cannot be brought from {from} to {to}, {violations.Count} references lead nowhere: {string.Join("; ", violations.Take(5))}."
            );
    }
}
