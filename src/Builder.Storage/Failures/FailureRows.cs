using Builder.Analysis.Logs;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Failures;

/// <summary>Reads and writes first errors of failed builds.</summary>
public static class FailureRows
{
    /// <summary>Of the table <c>failure</c>, read with <see cref="Read"/>.</summary>
    public const string Columns =
        "failure.fingerprint, failure.line, failure.tool, failure.subject, failure.summary, failure.text, failure.context";

    /// <summary>Characters of a text that is kept.</summary>
    private const int MaxLength = 500;

    /// <summary>Null where the build did not fail, was not looked at yet, or nothing in its console looks like an error.</summary>
    public static Task<StoredFailure?> FindAsync(DatabaseSession session, BuildId build, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            $"SELECT {Columns} FROM failure WHERE failure.build = @build AND failure.fingerprint IS NOT NULL",
            static row => Read(row, 0),
            cancellationToken,
            ("@build", build)
        );

    /// <summary>Whether the console of the failed build was searched.</summary>
    public static Task<bool> IsReadAsync(DatabaseSession session, BuildId build, CancellationToken cancellationToken) =>
        session.AnyAsync("SELECT 1 FROM failure WHERE build = @build", cancellationToken, ("@build", build));

    /// <summary>Builds without a first error are missing.</summary>
    public static async Task<IReadOnlyDictionary<BuildUuid, StoredFailure>> OfBuildsAsync(
        DatabaseSession session,
        IEnumerable<BuildUuid> builds,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<BuildUuid, StoredFailure>();
        foreach (var piece in SqlValues.Pieces(builds.Distinct(), none: ""))
        {
            var rows = await session.QueryAsync(
                $"""
                SELECT build.uuid, {Columns}
                FROM build
                JOIN failure ON failure.build = build.id
                WHERE build.uuid IN ({SqlValues.List}) AND failure.fingerprint IS NOT NULL
                """,
                static row => (Build: row.Uuid(0), Failure: Read(row, 1)!),
                cancellationToken,
                piece
            );
            foreach (var (build, failure) in rows)
                found[build] = failure;
        }
        return found;
    }

    /// <param name="column">Of the first of <see cref="Columns"/>.</param>
    public static StoredFailure? Read(Row row, int column) =>
        row.TextOrNull(column) is { } fingerprint
            ? new StoredFailure(
                fingerprint,
                row.Integer(column + 1),
                row.Text(column + 2),
                row.TextOrNull(column + 3),
                row.Text(column + 4),
                row.Text(column + 5),
                row.Text(column + 6).Split('\n')
            )
            : null;

    internal static Task InsertAsync(DatabaseSession session, BuildId build, FirstError? error, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            """
            INSERT INTO failure (build, fingerprint, line, tool, subject, summary, text, context)
            SELECT id, @fingerprint, @line, @tool, @subject, @summary, @text, @context FROM build WHERE id = @build
            ON CONFLICT (build) DO NOTHING
            """,
            cancellationToken,
            ("@build", build),
            ("@fingerprint", error?.Fingerprint),
            ("@line", error?.Line ?? 0),
            ("@tool", Shorten(error?.Tool ?? "")),
            ("@subject", error?.Subject is { } subject ? Shorten(subject) : null),
            ("@summary", Shorten(error?.Summary ?? "")),
            ("@text", Shorten(error?.Text ?? "")),
            ("@context", string.Join('\n', (error?.Context ?? []).Select(Shorten)))
        );

    /// <summary>PostgreSQL's text takes no NUL, and no half of a surrogate pair survives a cut.</summary>
    private static string Shorten(string text)
    {
        var whole = text.Replace('\0', '\ufffd').Replace('\n', ' ');
        if (whole.Length <= MaxLength)
            return whole;
        return whole[..(char.IsHighSurrogate(whole[MaxLength - 1]) ? MaxLength - 1 : MaxLength)] + "…";
    }
}
