using Builder.Analysis.Values;
using Builder.Storage.Database;
using Builder.Storage.Repetitions;
using Builder.Storage.Values;
using Builder.Web.Html;

namespace Builder.Web.Jobs;

/// <summary>What the verdicts of some builds of one job need to know of all its builds; never of other jobs'.</summary>
internal sealed class JobVerdicts
{
    private readonly Dictionary<Sha256Digest, int> buildsByOutput = [];
    private readonly HashSet<Sha256Digest> inputsOfSeveralOutputs = [];
    private readonly HashSet<Sha256Digest> contradicted = [];

    private JobVerdicts() { }

    /// <param name="builds">Those that <see cref="Of"/> will be asked about.</param>
    public static async Task<JobVerdicts> ReadAsync(
        DatabaseSession session,
        JobId job,
        IReadOnlyCollection<(Sha256Digest? Input, Sha256Digest? Output)> builds,
        CancellationToken cancellationToken
    )
    {
        var verdicts = new JobVerdicts();
        var outputs = builds.Select(build => build.Output).OfType<Sha256Digest>().Distinct().ToList();
        verdicts.contradicted.UnionWith(await RepetitionRows.DifferingAsync(session, job, outputs, cancellationToken));
        foreach (var piece in SqlValues.Pieces(outputs, none: Array.Empty<byte>(), ("@job", job), ("@most", Verdict.MaxCounted)))
        {
            foreach (var (output, count) in await CountAsync(session, piece, cancellationToken))
                verdicts.buildsByOutput[output] = count;
        }
        var inputs = builds.Where(build => build.Output is not null).Select(build => build.Input).OfType<Sha256Digest>().Distinct();
        foreach (var piece in SqlValues.Pieces(inputs, none: Array.Empty<byte>(), ("@job", job)))
            verdicts.inputsOfSeveralOutputs.UnionWith(await OfSeveralOutputsAsync(session, piece, cancellationToken));
        return verdicts;
    }

    public Verdict Of(Sha256Digest? input, Sha256Digest? output)
    {
        if (output is not { } main)
            return Verdict.Of(succeeded: false, inputsKnown: input is not null, 0, 0);
        var disagrees = (input is { } known && inputsOfSeveralOutputs.Contains(known)) || contradicted.Contains(main);
        return Verdict.Of(succeeded: true, input is not null, buildsByOutput[main] - 1, disagrees ? 1 : 0);
    }

    /// <summary>No more than <see cref="Verdict.MaxCounted"/>.</summary>
    public int BuildsWith(Sha256Digest output) => buildsByOutput.GetValueOrDefault(output);

    private static Task<List<(Sha256Digest Output, int Builds)>> CountAsync(
        DatabaseSession session,
        SqlParameter[] outputs,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            WITH asked(output) AS (VALUES {SqlValues.Rows})
            SELECT asked.output, (
              SELECT COUNT(*) FROM (
                SELECT 1 FROM build
                WHERE build.job = @job AND build.main_sha256 = asked.output
                LIMIT @most) AS agreeing)
            FROM asked
            WHERE LENGTH(asked.output) > 0
            """,
            static row => (row.Digest(0), (int)row.Integer(1)),
            cancellationToken,
            outputs
        );

    /// <summary>The first and the last output of an input are the ends of a range of the index.</summary>
    private static Task<List<Sha256Digest>> OfSeveralOutputsAsync(
        DatabaseSession session,
        SqlParameter[] inputs,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            WITH asked(input) AS (VALUES {SqlValues.Rows})
            SELECT asked.input
            FROM asked
            WHERE (
              SELECT build.main_sha256 FROM build
              WHERE build.job = @job AND build.input_id = asked.input AND build.main_sha256 IS NOT NULL
              ORDER BY build.main_sha256
              LIMIT 1)
            <> (
              SELECT build.main_sha256 FROM build
              WHERE build.job = @job AND build.input_id = asked.input AND build.main_sha256 IS NOT NULL
              ORDER BY build.main_sha256 DESC
              LIMIT 1)
            """,
            static row => row.Digest(0),
            cancellationToken,
            inputs
        );
}
