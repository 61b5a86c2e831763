using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

internal sealed class RebuilderTables() : AddedTables(Kept)
{
    private static readonly RowsFile Kept = new(
        "_rebuilders.jsonl",
        "rebuilders and their statements",
        [
            ("rebuilder", ["id", "name", "key_id", "public_key", "added", "retired", "void_from"]),
            (
                "rebuild_statement",
                ["id", "build_uuid", "key_id", "agrees", "envelope", "payload_digest", "links", "difference", "received"]
            ),
        ],
        ["public_key", "envelope", "payload_digest", "links"]
    );

    public override string Identifier => "2026-11-27-rebuilders";

    public override long OldVersion => 20;

    public override string Summary => "rebuilders, their statements, and which packages wait for them";

    public override string RollbackSummary =>
        "rebuilders and their statements leave the database for the file _rebuilders.jsonl, which the way up reads again";

    protected override string Create(DatabaseEngine engine) => For(engine, RebuilderSchema.Tables);

    protected override string Drop(DatabaseEngine engine) => RebuilderSchema.Drop;
}
