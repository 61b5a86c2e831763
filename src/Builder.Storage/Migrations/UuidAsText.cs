using Builder.Storage.Troubles;

namespace Builder.Storage.Migrations;

internal sealed class UuidAsText : Migration
{
    public override string Identifier => "2022-05-09";

    public override long OldVersion => 15;

    public override string Summary => "uuids of builds as 36 characters instead of 16 raw bytes";

    public override string RollbackSummary => "uuids of builds as 16 raw bytes again";

    public override async Task MigrateAsync(MigrationContext context)
    {
        var odd = await context.Session.QueryFirstAsync(
            "SELECT id FROM build WHERE length(CAST(uuid AS BLOB)) <> 16",
            static row => (long?)row.Integer(0),
            context.CancellationToken
        );
        if (odd is not null)
            throw new SchemaException($"build {odd} has a uuid that is not 16 bytes: the database is not of version 15 throughout.");
        await context.ExecuteAsync(
            """
            UPDATE build
            SET uuid = lower(
                substr(hex(uuid), 1, 8) || '-' || substr(hex(uuid), 9, 4) || '-' || substr(hex(uuid), 13, 4) || '-' ||
                substr(hex(uuid), 17, 4) || '-' || substr(hex(uuid), 21, 12))
            """
        );
    }

    public override Task RollbackAsync(MigrationContext context) =>
        context.ExecuteAsync("UPDATE build SET uuid = CAST(unhex(replace(uuid, '-', '')) AS TEXT)");
}
