using Builder.Analysis.Difference;
using Builder.Analysis.Values;
using Builder.Storage.Database;
using Builder.Storage.Leases;

namespace Builder.Storage.Differences;

/// <summary>Reads and writes why main binaries differ.</summary>
public static class DifferenceRows
{
    private const string Columns = "left_sha256, right_sha256, same_input, attempts, causes, message";

    /// <summary>Null where the pair was never tried with this version of the engine.</summary>
    public static Task<StoredDifference?> FindAsync(DatabaseSession session, OutputPair pair, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            $"""
            SELECT {Columns}
            FROM difference
            WHERE left_sha256 = @left AND right_sha256 = @right AND version = @version
            """,
            Read,
            cancellationToken,
            ("@left", pair.Left),
            ("@right", pair.Right),
            ("@version", DifferenceVersion.Current)
        );

    /// <summary>By output what is known of it and other outputs of the same inputs. Outputs of which nothing is known are missing.</summary>
    public static async Task<IReadOnlyDictionary<Sha256Digest, OutputDifferences>> OfOutputsAsync(
        DatabaseSession session,
        IEnumerable<Sha256Digest> outputs,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<Sha256Digest, OutputDifferences>();
        foreach (var parameters in SqlValues.Pieces(outputs.Distinct(), none: Array.Empty<byte>(), ("@version", DifferenceVersion.Current)))
        {
            var rows = await session.QueryAsync(
                $"""
                SELECT {Columns}, left_sha256 AS output, revision
                FROM difference
                WHERE left_sha256 IN ({SqlValues.List}) AND version = @version AND same_input = 1
                UNION ALL
                SELECT {Columns}, right_sha256 AS output, revision
                FROM difference
                WHERE right_sha256 IN ({SqlValues.List}) AND version = @version AND same_input = 1
                """,
                static row => (Output: row.Digest(6), Revision: row.Integer(7), Difference: Read(row)),
                cancellationToken,
                parameters
            );
            foreach (var ofOutput in rows.GroupBy(static row => row.Output))
            {
                var ordered = ofOutput.OrderBy(static row => Rank(row.Difference)).ThenByDescending(static row => row.Revision);
                found[ofOutput.Key] = new OutputDifferences([.. ordered.Select(static row => row.Difference)]);
            }
        }
        return found;

        static int Rank(StoredDifference difference) =>
            difference.Causes is not null ? 0
            : difference.IsGivenUp ? 2
            : 1;
    }

    /// <summary>Before a computation, so that one that ends the process counts.</summary>
    /// <returns>False where the pair was tried often enough.</returns>
    public static Task<bool> BeginAsync(BuilderDatabase database, OutputPair pair, bool isSameInput, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            async session =>
                await session.ExecuteAsync(
                    $"""
                    INSERT INTO difference (left_sha256, right_sha256, version, same_input, attempts, revision)
                    VALUES (@left, @right, @version, @same, 1, 0)
                    ON CONFLICT (left_sha256, right_sha256, version)
                    DO UPDATE SET attempts = difference.attempts + 1
                    WHERE difference.attempts < {StoredDifference.MaxAttempts} OR difference.causes IS NOT NULL
                    """,
                    cancellationToken,
                    ("@left", pair.Left),
                    ("@right", pair.Right),
                    ("@version", DifferenceVersion.Current),
                    ("@same", isSameInput ? 1 : 0)
                ) > 0,
            cancellationToken
        );

    /// <summary>Keeps a result.</summary>
    /// <param name="lease">Whose holder computed it.</param>
    /// <exception cref="LeaseLostException">Another process computes the pair.</exception>
    public static Task KeepAsync(
        BuilderDatabase database,
        OutputPair pair,
        bool isSameInput,
        IReadOnlyList<Cause> causes,
        CancellationToken cancellationToken,
        WorkLease? lease = null
    ) => EndAsync(database, pair, isSameInput, CausesText.Write(causes), null, lease, cancellationToken);

    /// <summary>Keeps why an attempt gave no result. One that failed does not take away an earlier result.</summary>
    public static Task FailAsync(
        BuilderDatabase database,
        OutputPair pair,
        bool isSameInput,
        string message,
        CancellationToken cancellationToken,
        WorkLease? lease = null
    ) => EndAsync(database, pair, isSameInput, null, message.Length <= 400 ? message : message[..400], lease, cancellationToken);

    /// <summary>An attempt that the machine's trouble ended, or the end of the program, is none of the pair's.</summary>
    public static Task ForgetAttemptAsync(BuilderDatabase database, OutputPair pair, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    "UPDATE difference SET attempts = attempts - 1 WHERE left_sha256 = @left AND right_sha256 = @right AND version = @version AND attempts > 0",
                    cancellationToken,
                    ("@left", pair.Left),
                    ("@right", pair.Right),
                    ("@version", DifferenceVersion.Current)
                ),
            cancellationToken
        );

    private static Task<int> EndAsync(
        BuilderDatabase database,
        OutputPair pair,
        bool isSameInput,
        string? causes,
        string? message,
        WorkLease? lease,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            async session =>
            {
                if (lease is not null)
                    await lease.RequireAsync(session, cancellationToken);
                return await session.ExecuteAsync(
                    """
                    UPDATE difference
                    SET causes = COALESCE(@causes, causes), message = @message,
                        same_input = CASE WHEN same_input = 1 THEN 1 ELSE @same END,
                        revision = (SELECT number + 1 FROM revision WHERE id = 1)
                    WHERE left_sha256 = @left AND right_sha256 = @right AND version = @version
                    """,
                    cancellationToken,
                    ("@causes", causes),
                    ("@message", message),
                    ("@same", isSameInput ? 1 : 0),
                    ("@left", pair.Left),
                    ("@right", pair.Right),
                    ("@version", DifferenceVersion.Current)
                );
            },
            cancellationToken
        );

    private static StoredDifference Read(Row row) =>
        new(
            OutputPair.Of(row.Digest(0), row.Digest(1)),
            row.Integer(2) == 1,
            (int)row.Integer(3),
            row.TextOrNull(4) is { } causes ? CausesText.Read(causes) : null,
            row.TextOrNull(5)
        );
}
