namespace Builder.Storage.Migrations;

/// <summary>
/// What schema 20 adds: signed statements, the records of build servers that they rest on, and what is still to be attested. All go by the build's
/// uuid, so that they outlive the build.
/// </summary>
internal static class Schema20
{
    public const string Tables = """
        CREATE TABLE build_record ( -- as build servers signed them
            id {id},
            build_uuid VARCHAR(36) NOT NULL UNIQUE,
            envelope {blob} NOT NULL -- DSSE in JSON
        );
        CREATE TABLE statement (
            id {id},
            build_uuid VARCHAR(36) NOT NULL, -- empty for statements about the site
            kind VARCHAR(32) NOT NULL,
            envelope {blob} NOT NULL, -- DSSE in JSON, as PackedEnvelope writes it
            digest {blob} NOT NULL UNIQUE, -- SHA-256 of the envelope before it was packed
            key_id VARCHAR(64) NOT NULL,
            log_index {int}, -- in the transparency log
            created {int} NOT NULL -- seconds since 1970
        );
        CREATE INDEX idx_statement_build ON statement(build_uuid, id);
        CREATE INDEX idx_statement_place ON statement(log_index);
        CREATE UNIQUE INDEX idx_statement_once ON statement(build_uuid) WHERE kind = 'provenance';
        CREATE TABLE statement_subject ( -- what attested builds had
            id {id},
            sha256 {blob} NOT NULL,
            build_uuid VARCHAR(36) NOT NULL,
            UNIQUE(sha256, build_uuid)
        );
        CREATE TABLE attestation_task (
            id {id},
            build_uuid VARCHAR(36) NOT NULL,
            kind VARCHAR(32) NOT NULL,
            attempts {int} NOT NULL,
            due {int} NOT NULL, -- seconds since 1970: not before
            refusal {text}, -- why the last attempt gave no statement
            UNIQUE(build_uuid, kind)
        );
        CREATE INDEX idx_attestation_task_due ON attestation_task(due, id);
        """;

    public const string Drop = "DROP TABLE attestation_task; DROP TABLE statement_subject; DROP TABLE statement; DROP TABLE build_record;";
}
