using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

internal sealed class RepetitionTables() : AddedTables(Kept)
{
    /// <summary>Servers say once what repeats what.</summary>
    private static readonly RowsFile Kept = new(
        "_repetitions.jsonl",
        "repetitions and regressions",
        [
            (
                "repetition",
                ["id", "build_uuid", "repeats", "job", "output", "repeated", "worker", "first_worker", "made", "missing", "finding"]
            ),
            ("regression", ["id", "job", "platform", "good_uuid", "bad_uuid", "found_d", "found_ps", "ended_d", "ended_ps"]),
        ],
        ["output", "repeated"]
    );

    public override string Identifier => "2026-11-27-repetitions";

    public override long OldVersion => 21;

    public override string Summary => "which builds repeat which and what was varied; jobs that ceased to be reproducible";

    public override string RollbackSummary =>
        "repetitions and regressions leave the database for the file _repetitions.jsonl, which the way up reads again";

    protected override string Create(DatabaseEngine engine) => For(engine, RepetitionSchema.Tables);

    protected override string Drop(DatabaseEngine engine) => RepetitionSchema.Drop;
}
