namespace Builder.Storage.Migrations;

/// <summary>The tables of schema 18, in the field today: letter by letter as the original creates them.</summary>
internal static class Schema18
{
    public const string Build = """
        CREATE TABLE build (
                 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                 uuid VARCHAR(36) NOT NULL UNIQUE,
                 start_d INTEGER NOT NULL,
                 start_ps INTEGER NOT NULL,
                 finish_d INTEGER NOT NULL,
                 finish_ps INTEGER NOT NULL,
                 result_code INTEGER NOT NULL,
                 result_msg TEXT,
                 console TEXT NOT NULL,
                 script TEXT NOT NULL,
                 platform TEXT NOT NULL,
                 main_binary INTEGER,
                 user INTEGER NOT NULL,
                 job INTEGER NOT NULL,
                 input_id BLOB, -- sha256 (sha256<opam-switch> || sha256<build-environment> || sha256<system-packages>)

                 FOREIGN KEY(main_binary) REFERENCES build_artifact(id) DEFERRABLE INITIALLY DEFERRED,
                 FOREIGN KEY(user) REFERENCES user(id),
                 FOREIGN KEY(job) REFERENCES job(id)
               );
        """;

    public const string BuildIndexes = """
        CREATE INDEX idx_build_job_start ON build(job, start_d DESC, start_ps DESC);
        CREATE INDEX idx_build_failed ON build(job, start_d DESC, start_ps DESC) WHERE main_binary IS NULL;
        CREATE INDEX idx_build_input_id ON build(input_id);
        CREATE INDEX idx_build_main_binary ON build(main_binary);
        """;

    public const string Tables = $"""
        CREATE TABLE job (
                 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                 name VARCHAR(255) NOT NULL UNIQUE
               );
        {Build}
        CREATE TABLE build_artifact (
                   id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                   filepath TEXT NOT NULL, -- the path as in the build
                   sha256 BLOB NOT NULL,
                   size INTEGER NOT NULL,
                   build INTEGER NOT NULL,

                   FOREIGN KEY(build) REFERENCES build(id),
                   UNIQUE(build, filepath)
                 );
        CREATE TABLE user (
                 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                 username VARCHAR(255) NOT NULL UNIQUE,
                 password_hash BLOB NOT NULL,
                 password_salt BLOB NOT NULL,
                 scrypt_n INTEGER NOT NULL,
                 scrypt_r INTEGER NOT NULL,
                 scrypt_p INTEGER NOT NULL,
                 restricted BOOLEAN NOT NULL
               );
        CREATE TABLE access_list (
                   id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                   user INTEGER NOT NULL,
                   job INTEGER NOT NULL,

                   FOREIGN KEY(user) REFERENCES user(id),
                   FOREIGN KEY(job) REFERENCES job(id),
                   UNIQUE(user, job)
                 );
        CREATE TABLE tag (
                 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                 tag VARCHAR(255) NOT NULL UNIQUE
               );
        CREATE TABLE job_tag (
                 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                 tag INTEGER NOT NULL,
                 value TEXT NOT NULL,
                 job INTEGER NOT NULL,

                 FOREIGN KEY(job) REFERENCES job(id),
                 FOREIGN KEY(tag) REFERENCES tag(id),
                 UNIQUE(tag, job)
               );
        {BuildIndexes}
        CREATE INDEX idx_build_artifact_sha256 ON build_artifact(sha256);
        CREATE INDEX idx_build_artifact_build ON build_artifact(build);
        """;
}
