namespace Builder.Storage.Migrations;

/// <summary>
/// The tables of schema 19. Against 18: kind and number of a result apart; the main binary's hash with the build; what removed builds were; files still to be
/// removed; a number that each write raises; an index for every query of a page.
/// </summary>
internal static class Schema19
{
    /// <summary>The table <c>build</c> under the name given; <c>{id}</c>, <c>{int}</c> and <c>{blob}</c> are the engine's words.</summary>
    public const string Build = """
        CREATE TABLE {table} (
            id {id},
            uuid VARCHAR(36) NOT NULL UNIQUE,
            start_d {int} NOT NULL,
            start_ps {int} NOT NULL,
            finish_d {int} NOT NULL,
            finish_ps {int} NOT NULL,
            result_kind {int} NOT NULL CHECK (result_kind BETWEEN 0 AND 3), -- exited, signalled, stopped, message
            result_number {int} CHECK ((result_number IS NULL) = (result_kind = 3)),
            result_msg {text} CHECK ((result_msg IS NULL) = (result_kind <> 3)),
            console {text} NOT NULL, -- relative to the data directory
            script {text} NOT NULL,
            platform {text} NOT NULL,
            main_binary {int},
            main_sha256 {blob} CHECK ((main_sha256 IS NULL) = (main_binary IS NULL)), -- the main binary's
            "user" {int} NOT NULL REFERENCES "user"(id),
            job {int} NOT NULL REFERENCES job(id),
            input_id {blob} -- sha256 (sha256<opam-switch or build-inputs> || sha256<build-environment> || sha256<system-packages>)
            {mainBinaryReference}
        );
        """;

    public const string NewTables = """
        CREATE TABLE removed_build (
            id {id},
            uuid VARCHAR(36) NOT NULL UNIQUE,
            job VARCHAR(255) {collate} NOT NULL,
            platform {text} NOT NULL,
            start_d {int} NOT NULL,
            start_ps {int} NOT NULL,
            finish_d {int} NOT NULL,
            finish_ps {int} NOT NULL,
            result_kind {int} NOT NULL,
            result_number {int},
            result_msg {text},
            main_binary {text}, -- its path
            input_id {blob},
            removed_d {int} NOT NULL,
            removed_ps {int} NOT NULL
        );
        CREATE TABLE removed_artifact (
            id {id},
            removed_build {int} NOT NULL REFERENCES removed_build(id),
            filepath {text} NOT NULL,
            sha256 {blob} NOT NULL,
            size {int} NOT NULL,
            UNIQUE(removed_build, filepath)
        );
        CREATE INDEX idx_removed_artifact_sha256 ON removed_artifact(sha256);
        CREATE INDEX idx_removed_build_job ON removed_build(job);
        CREATE TABLE pending_removal ( -- files of removed builds, until they are gone
            id {id},
            sha256 {blob} UNIQUE,
            directory {text} UNIQUE,
            CHECK ((sha256 IS NULL) <> (directory IS NULL))
        );
        CREATE TABLE revision (
            id {int} PRIMARY KEY NOT NULL CHECK (id = 1),
            number {int} NOT NULL
        );
        INSERT INTO revision (id, number) VALUES (1, 0);
        """;

    public const string Indexes = """
        CREATE INDEX idx_build_job_start ON build(job, start_d DESC, start_ps DESC);
        CREATE INDEX idx_build_failed ON build(job, platform, start_d DESC, start_ps DESC) WHERE main_binary IS NULL;
        CREATE INDEX idx_build_job_platform ON build(job, platform);
        CREATE INDEX idx_build_successful ON build(job, start_d DESC, start_ps DESC) WHERE main_binary IS NOT NULL;
        CREATE INDEX idx_build_latest ON build(job, platform, start_d DESC, start_ps DESC) WHERE main_binary IS NOT NULL;
        CREATE INDEX idx_build_failed_start ON build(start_d DESC, start_ps DESC) WHERE main_binary IS NULL;
        CREATE INDEX idx_build_failed_platform ON build(platform, start_d DESC, start_ps DESC) WHERE main_binary IS NULL;
        CREATE INDEX idx_build_output ON build(job, main_sha256, start_d DESC, start_ps DESC);
        CREATE INDEX idx_build_input ON build(job, input_id, main_sha256);
        CREATE INDEX idx_build_main_binary ON build(main_binary) WHERE main_binary IS NOT NULL;
        CREATE INDEX idx_job_tag_job ON job_tag(job);
        """;

    /// <summary>The other tables, as they have been since 18, for an engine that had none before.</summary>
    public const string OtherTables = """
        CREATE TABLE job (
            id {id},
            name VARCHAR(255) {collate} NOT NULL UNIQUE
        );
        CREATE TABLE tag (
            id {id},
            tag VARCHAR(255) {collate} NOT NULL UNIQUE
        );
        CREATE TABLE job_tag (
            id {id},
            tag {int} NOT NULL REFERENCES tag(id),
            value {text} NOT NULL,
            job {int} NOT NULL REFERENCES job(id),
            UNIQUE(tag, job)
        );
        CREATE TABLE "user" (
            id {id},
            username VARCHAR(255) {collate} NOT NULL UNIQUE,
            password_hash {blob} NOT NULL,
            password_salt {blob} NOT NULL,
            scrypt_n {int} NOT NULL,
            scrypt_r {int} NOT NULL,
            scrypt_p {int} NOT NULL,
            restricted BOOLEAN NOT NULL
        );
        CREATE TABLE access_list (
            id {id},
            "user" {int} NOT NULL REFERENCES "user"(id),
            job {int} NOT NULL REFERENCES job(id),
            UNIQUE("user", job)
        );
        """;

    public const string BuildArtifact = """
        CREATE TABLE build_artifact (
            id {id},
            filepath {text} NOT NULL, -- the path as in the build
            sha256 {blob} NOT NULL,
            size {int} NOT NULL,
            build {int} NOT NULL REFERENCES build(id),
            UNIQUE(build, filepath)
        );
        CREATE INDEX idx_build_artifact_sha256 ON build_artifact(sha256);
        """;

    public static string ForSqlite(string sql, string buildTable = "build") =>
        sql.Replace("{table}", buildTable, StringComparison.Ordinal)
            .Replace("{id}", "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", StringComparison.Ordinal)
            .Replace("{int}", "INTEGER", StringComparison.Ordinal)
            .Replace("{blob}", "BLOB", StringComparison.Ordinal)
            .Replace("{text}", "TEXT", StringComparison.Ordinal)
            .Replace(" {collate}", "", StringComparison.Ordinal)
            .Replace(
                "{mainBinaryReference}",
                ", FOREIGN KEY(main_binary) REFERENCES build_artifact(id) DEFERRABLE INITIALLY DEFERRED",
                StringComparison.Ordinal
            );

    /// <summary>Text is compared bytewise, as SQLite does.</summary>
    public static string ForPostgreSql(string sql) =>
        sql.Replace("{table}", "build", StringComparison.Ordinal)
            .Replace("{id}", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", StringComparison.Ordinal)
            .Replace("{int}", "BIGINT", StringComparison.Ordinal)
            .Replace("{blob}", "BYTEA", StringComparison.Ordinal)
            .Replace("{text}", "TEXT COLLATE \"C\"", StringComparison.Ordinal)
            .Replace("{collate}", "COLLATE \"C\"", StringComparison.Ordinal)
            .Replace("{mainBinaryReference}", "", StringComparison.Ordinal);

    /// <summary>Everything, for an empty PostgreSQL database.</summary>
    public static string WholeForPostgreSql { get; } =
        ForPostgreSql(
            string.Join(
                '\n',
                OtherTables,
                Build,
                BuildArtifact,
                "ALTER TABLE build ADD FOREIGN KEY(main_binary) REFERENCES build_artifact(id) DEFERRABLE INITIALLY DEFERRED;",
                Indexes,
                NewTables,
                "CREATE TABLE schema_version (id {int} PRIMARY KEY CHECK (id = 1), application_id {int} NOT NULL, version {int} NOT NULL);"
            )
        );
}
