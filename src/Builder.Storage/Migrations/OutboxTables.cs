using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

internal sealed class OutboxTables() : AddedTables(null)
{
    public override string Identifier => "2026-11-27-outbox";

    public override long OldVersion => 23;

    public override string Summary => "events to be told to others, and how far each target of notifications is";

    public override string RollbackSummary => "notifications that were not delivered are forgotten";

    protected override string Create(DatabaseEngine engine) => For(engine, OutboxSchema.Tables);

    protected override string Drop(DatabaseEngine engine) => OutboxSchema.Drop;
}
