namespace Builder.Storage.Migrations;

/// <summary>What signing in needs. Secrets are kept as their SHA-256: each has 256 random bits. Times are seconds since 1970.</summary>
internal static class AccountSchema
{
    public const string Tables = """
        CREATE TABLE account ( -- a user without a row may upload, and no more
            "user" {int} PRIMARY KEY NOT NULL REFERENCES "user"(id),
            role VARCHAR(16) NOT NULL,
            disabled {int} NOT NULL -- 0 or 1: an account may have no password and be used all the same
        );
        CREATE TABLE account_identity ( -- at a provider of OpenID Connect
            id {id},
            "user" {int} NOT NULL REFERENCES "user"(id),
            issuer {text} NOT NULL,
            subject {text} NOT NULL,
            UNIQUE(issuer, subject)
        );
        CREATE INDEX idx_account_identity_user ON account_identity("user");
        CREATE TABLE sign_in_session (
            id {id},
            "user" {int} NOT NULL REFERENCES "user"(id),
            secret {blob} NOT NULL UNIQUE,
            way VARCHAR(32) NOT NULL,
            address {text} NOT NULL,
            agent {text} NOT NULL,
            created {int} NOT NULL,
            seen {int} NOT NULL
        );
        CREATE INDEX idx_sign_in_session_user ON sign_in_session("user", id);
        CREATE INDEX idx_sign_in_session_created ON sign_in_session(created);
        CREATE TABLE sign_in_link (
            id {id},
            "user" {int} NOT NULL REFERENCES "user"(id),
            secret {blob} NOT NULL UNIQUE,
            expires {int} NOT NULL
        );
        CREATE INDEX idx_sign_in_link_user ON sign_in_link("user");
        CREATE TABLE api_token (
            id {id},
            "user" {int} NOT NULL REFERENCES "user"(id),
            name {text} NOT NULL,
            secret {blob} NOT NULL UNIQUE,
            scopes {text} NOT NULL, -- separated by spaces
            created {int} NOT NULL,
            expires {int}, -- null: never
            seen {int} -- null: not used yet
        );
        CREATE INDEX idx_api_token_user ON api_token("user", id);
        CREATE TABLE audit ( -- by name: accounts may be removed
            id {id},
            time {int} NOT NULL,
            actor {text} NOT NULL,
            way {text} NOT NULL,
            address {text} NOT NULL,
            action VARCHAR(32) NOT NULL,
            subject {text} NOT NULL,
            outcome VARCHAR(16) NOT NULL,
            detail {text} NOT NULL
        );
        CREATE INDEX idx_audit_actor ON audit(actor, id);

        """;

    public const string AppendOnlyInSqlite = """
        CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
        CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
        """;

    public const string AppendOnlyInPostgreSql = """
        CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit log is append only'; END $$;
        CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only();
        """;

    public const string Drop =
        "DROP TABLE audit; DROP TABLE api_token; DROP TABLE sign_in_link; DROP TABLE sign_in_session; DROP TABLE account_identity; DROP TABLE account;";

    public const string DropFunctionOfPostgreSql = " DROP FUNCTION audit_append_only();";
}
