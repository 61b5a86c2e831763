using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

internal sealed class StatementTables() : AddedTables(Kept)
{
    private static readonly RowsFile Kept = new(
        "_statements.jsonl",
        "statements",
        [
            ("build_record", ["id", "build_uuid", "envelope"]),
            ("statement", ["id", "build_uuid", "kind", "envelope", "digest", "key_id", "log_index", "created"]),
            ("statement_subject", ["id", "sha256", "build_uuid"]),
        ],
        ["envelope", "digest", "sha256"]
    );

    public override string Identifier => "2026-11-27";

    public override long OldVersion => 19;

    public override string Summary => "signed statements about builds, and the records of build servers that they rest on";

    public override string RollbackSummary =>
        "signed statements leave the database for the file _statements.jsonl, which the way up reads again";

    protected override string Create(DatabaseEngine engine) => For(engine, Schema20.Tables);

    protected override string Drop(DatabaseEngine engine) => Schema20.Drop;
}
