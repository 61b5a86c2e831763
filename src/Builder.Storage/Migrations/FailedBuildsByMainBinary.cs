namespace Builder.Storage.Migrations;

internal sealed class FailedBuildsByMainBinary : Migration
{
    public override string Identifier => "2023-09-11";

    public override long OldVersion => 16;

    public override string Summary => "the index of failed builds goes by absent main binary instead of result code";

    public override string RollbackSummary => "the index of failed builds goes by result code again";

    public override Task MigrateAsync(MigrationContext context) =>
        context.ExecuteAsync(
            """
            DROP INDEX idx_build_failed;
            CREATE INDEX idx_build_failed ON build(job, start_d DESC, start_ps DESC) WHERE main_binary IS NULL;
            """
        );

    public override Task RollbackAsync(MigrationContext context) =>
        context.ExecuteAsync(
            """
            DROP INDEX idx_build_failed;
            CREATE INDEX idx_build_failed ON build(job, start_d DESC, start_ps DESC) WHERE result_code <> 0;
            """
        );
}
