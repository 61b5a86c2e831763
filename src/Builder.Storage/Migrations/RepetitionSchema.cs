namespace Builder.Storage.Migrations;

/// <summary>Which builds repeat which, what was varied, and jobs that ceased to be reproducible. All go by uuids, as uploads come in any order.</summary>
internal static class RepetitionSchema
{
    public const string Tables = """
        CREATE TABLE repetition (
            id {id},
            build_uuid VARCHAR(36) NOT NULL UNIQUE,
            repeats VARCHAR(36) NOT NULL, -- the build that it repeats, which may come later
            job {int} NOT NULL,
            output {blob}, -- main binary of the repetition; null where it left none
            repeated {blob}, -- main binary of the build that it repeats; null while that is not here
            worker {text} NOT NULL,
            first_worker {text} NOT NULL, -- of the build that it repeats
            made {text} NOT NULL, -- names of variations, separated by commas
            missing {text} NOT NULL, -- those not made, each with its reason: fileorder:no-fuse
            finding {text} -- what a bisection ended with: a variation, not-varied or open
        );
        CREATE INDEX idx_repetition_repeats ON repetition(repeats);
        CREATE INDEX idx_repetition_repeated ON repetition(job, repeated, output);
        CREATE INDEX idx_repetition_output ON repetition(job, output, repeated);
        CREATE TABLE regression ( -- a job that was reproducible on a platform and ceased to be
            id {id},
            job {int} NOT NULL,
            platform {text} NOT NULL,
            good_uuid VARCHAR(36) NOT NULL, -- the last build that was reproduced
            bad_uuid VARCHAR(36) NOT NULL, -- the build that is not reproducible
            found_d {int} NOT NULL,
            found_ps {int} NOT NULL,
            ended_d {int}, -- when a later build was reproduced; null while the regression lasts
            ended_ps {int}
        );
        CREATE UNIQUE INDEX idx_regression_open ON regression(job, platform) WHERE ended_d IS NULL;
        """;

    public const string Drop = "DROP TABLE regression; DROP TABLE repetition;";
}
