namespace Builder.Storage.Migrations;

/// <summary>The tables of <see cref="RebuilderTables"/>. Statements go by the build's uuid and by the key's id, so that they outlive the build.</summary>
internal static class RebuilderSchema
{
    public const string Tables = """
        CREATE TABLE rebuilder ( -- a key of somebody who builds again what this site shows
            id {id},
            name VARCHAR(64) NOT NULL, -- the operator: keys of one name count once
            key_id VARCHAR(64) NOT NULL UNIQUE,
            public_key {blob} NOT NULL, -- SubjectPublicKeyInfo in DER
            added {int} NOT NULL, -- times in seconds since 1970
            retired {int}, -- no statement is taken from then on
            void_from {int} -- statements that were received from then on do not count
        );
        CREATE INDEX idx_rebuilder_name ON rebuilder(name);
        CREATE TABLE rebuild_statement (
            id {id},
            build_uuid VARCHAR(36) NOT NULL,
            key_id VARCHAR(64) NOT NULL,
            agrees {int} NOT NULL, -- 1 where it names the main binary that the site has
            envelope {blob} NOT NULL, -- DSSE in JSON as it came, as PackedEnvelope writes it
            payload_digest {blob} NOT NULL, -- SHA-256 of the signed bytes
            links {blob} NOT NULL, -- in-toto links as they came, one a line
            difference {text}, -- why the rebuilder got other bytes, as it says
            received {int} NOT NULL,
            UNIQUE(build_uuid, key_id, payload_digest)
        );
        CREATE INDEX idx_rebuild_statement_build ON rebuild_statement(build_uuid, id);
        CREATE INDEX idx_rebuild_statement_key ON rebuild_statement(key_id, id);
        CREATE TABLE publish_rule ( -- what the schedule says about packages that wait for others
            job VARCHAR(255) {collate} NOT NULL PRIMARY KEY, -- its name: a schedule may have jobs without builds
            others {int} NOT NULL, -- how many
            independent {int} NOT NULL, -- 1: rebuilders of distinct operators
            after_build {int} NOT NULL -- builds up to this id were here before the rule, and were shown
        );
        """;

    public const string Drop = "DROP TABLE publish_rule; DROP TABLE rebuild_statement; DROP TABLE rebuilder;";
}
