using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Repetitions;

/// <summary>Reads and writes which builds repeat which. A repetition and its build may be uploaded in any order.</summary>
public static class RepetitionRows
{
    /// <summary>
    /// A condition: an output of a job, by the names of its columns, has a repetition with another output, or is the other output of one. Ranges of
    /// two indexes.
    /// </summary>
    public static string Differs(string job, string output) =>
        $"""
            EXISTS (SELECT 1 FROM repetition WHERE repetition.job = {job} AND repetition.repeated = {output} AND repetition.output < {output})
            OR EXISTS (SELECT 1 FROM repetition WHERE repetition.job = {job} AND repetition.repeated = {output} AND repetition.output > {output})
            OR EXISTS (SELECT 1 FROM repetition WHERE repetition.job = {job} AND repetition.output = {output} AND repetition.repeated < {output})
            OR EXISTS (SELECT 1 FROM repetition WHERE repetition.job = {job} AND repetition.output = {output} AND repetition.repeated > {output})
            """;

    /// <summary>What is known of a build as a repetition; null where it repeats none.</summary>
    public static Task<StoredRepetition?> FindAsync(DatabaseSession session, BuildUuid build, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            $"SELECT {StoredRepetition.Columns} FROM repetition WHERE build_uuid = @uuid",
            StoredRepetition.Read,
            cancellationToken,
            ("@uuid", build)
        );

    /// <summary>The repetitions of a build, the first one first; no more than <paramref name="most"/>.</summary>
    public static Task<List<StoredRepetition>> OfBuildAsync(
        DatabaseSession session,
        BuildUuid build,
        int most,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"SELECT {StoredRepetition.Columns} FROM repetition WHERE repeats = @uuid ORDER BY id LIMIT @most",
            StoredRepetition.Read,
            cancellationToken,
            ("@uuid", build),
            ("@most", most)
        );

    /// <summary>By output what its repetitions say; outputs that nobody repeated are missing.</summary>
    public static async Task<IReadOnlyDictionary<Sha256Digest, RepetitionSummary>> OfOutputsAsync(
        DatabaseSession session,
        JobId job,
        IEnumerable<Sha256Digest> outputs,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<Sha256Digest, RepetitionSummary>();
        foreach (var piece in SqlValues.Pieces(outputs.Distinct(), none: Array.Empty<byte>(), ("@job", job)))
        {
            var rows = await session.QueryAsync(
                $"""
                SELECT repeated, CASE WHEN output = repeated THEN 1 ELSE 0 END AS agrees, worker, first_worker, made, missing, MAX(finding)
                FROM repetition
                WHERE job = @job AND repeated IN ({SqlValues.List}) AND output IS NOT NULL
                GROUP BY repeated, CASE WHEN output = repeated THEN 1 ELSE 0 END, worker, first_worker, made, missing
                """,
                static row =>
                    (
                        Output: row.Digest(0),
                        Group: new RepetitionGroup(
                            row.Integer(1) == 1,
                            row.Text(2),
                            row.Text(3),
                            VariationReport.Read(row.Text(4), row.Text(5)),
                            row.TextOrNull(6) is { } finding ? BisectionFinding.Read(finding) : null
                        )
                    ),
                cancellationToken,
                piece
            );
            foreach (var ofOutput in rows.GroupBy(static row => row.Output))
                found[ofOutput.Key] = RepetitionSummary.Of(ofOutput.Select(static row => row.Group));
        }
        return found;
    }

    /// <summary>Those of a job's outputs that a repetition contradicts.</summary>
    public static async Task<HashSet<Sha256Digest>> DifferingAsync(
        DatabaseSession session,
        JobId job,
        IEnumerable<Sha256Digest> outputs,
        CancellationToken cancellationToken
    )
    {
        var found = new HashSet<Sha256Digest>();
        foreach (var piece in SqlValues.Pieces(outputs.Distinct(), none: Array.Empty<byte>(), ("@job", job)))
            found.UnionWith(
                await session.QueryAsync(
                    $"""
                    WITH asked(output) AS (VALUES {SqlValues.Rows})
                    SELECT asked.output
                    FROM asked
                    WHERE {Differs("@job", "asked.output")}
                    """,
                    static row => row.Digest(0),
                    cancellationToken,
                    piece
                )
            );
        return found;
    }

    /// <summary>In the transaction that stores the build.</summary>
    /// <param name="output">Its main binary; null where it left none.</param>
    /// <param name="header">Null where it repeats nothing.</param>
    internal static async Task InsertAsync(
        DatabaseSession session,
        BuildUuid build,
        JobId job,
        Sha256Digest? output,
        RepetitionHeader? header,
        CancellationToken cancellationToken
    )
    {
        // Its own repetitions may have come before it.
        await session.ExecuteAsync(
            "UPDATE repetition SET repeated = @output WHERE repeats = @uuid AND job = @job",
            cancellationToken,
            ("@output", output),
            ("@uuid", build),
            ("@job", job)
        );
        if (header is null)
            return;
        await session.ExecuteAsync(
            """
            INSERT INTO repetition (build_uuid, repeats, job, output, repeated, worker, first_worker, made, missing, finding)
            VALUES (@uuid, @repeats, @job, @output, (SELECT main_sha256 FROM build WHERE uuid = @repeats AND job = @job),
              @worker, @first, @made, @missing, @finding)
            ON CONFLICT (build_uuid) DO NOTHING
            """,
            cancellationToken,
            ("@uuid", build),
            ("@repeats", header.Repeats),
            ("@job", job),
            ("@output", output),
            ("@worker", header.Worker),
            ("@first", header.FirstWorker),
            ("@made", VariationNames.Write(header.Variations.Made)),
            ("@missing", header.Variations.WriteMissing()),
            ("@finding", header.Finding?.Write())
        );
    }

    /// <summary>A removed build neither repeats nor is repeated.</summary>
    internal static Task RemoveAsync(DatabaseSession session, BuildUuid build, CancellationToken cancellationToken) =>
        session.ExecuteAsync("DELETE FROM repetition WHERE build_uuid = @uuid OR repeats = @uuid", cancellationToken, ("@uuid", build));
}
