using Builder.Protocol.Values;

namespace Builder.Storage.Database;

/// <summary>
/// Up to which start a build counts as the latest. The clock of a worker may be wrong, or its word: a build that says it started in the future is
/// stored and shown, after all others, and is the latest of nothing.
/// </summary>
/// <param name="Time">The last start that counts.</param>
public readonly record struct StartLimit(Timestamp Time)
{
    /// <summary>Clocks of workers go wrong by so much. Repositories refuse what is beyond, too.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>The values for <see cref="Holds"/> and <see cref="IsExceeded"/>.</summary>
    public SqlParameter[] Parameters => [("@limit_d", Time.Days), ("@limit_ps", Time.PicosecondsOfDay)];

    public static StartLimit At(Timestamp now) => new(now + ClockSkew);

    /// <summary>A condition that an index by start answers.</summary>
    public static string Holds(string table = "build") => $"({table}.start_d, {table}.start_ps) <= (@limit_d, @limit_ps)";

    /// <summary>The other builds.</summary>
    public static string IsExceeded(string table = "build") => $"({table}.start_d, {table}.start_ps) > (@limit_d, @limit_ps)";

    /// <summary>Newest first, and what says it is in the future at the end; for few rows, no index has this order.</summary>
    public static string NewestFirst(string table = "build") =>
        $"CASE WHEN {Holds(table)} THEN 0 ELSE 1 END, {table}.start_d DESC, {table}.start_ps DESC";

    public bool IsBefore(Timestamp start) => Time < start;
}
