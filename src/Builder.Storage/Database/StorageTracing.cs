using System.Diagnostics;

namespace Builder.Storage.Database;

/// <summary>An activity for each query, for whoever listens to the source: traces, and tests that look at plans.</summary>
public static class StorageTracing
{
    public const string SourceName = "Builder.Storage";

    /// <summary>The text of the query, as OpenTelemetry names it.</summary>
    public const string QueryTag = "db.query.text";

    private static readonly ActivitySource Source = new(SourceName);

    internal static Activity? Query(DatabaseEngine engine, string sql)
    {
        var activity = Source.StartActivity("query", ActivityKind.Client);
        activity?.SetTag("db.system.name", engine == DatabaseEngine.Sqlite ? "sqlite" : "postgresql");
        activity?.SetTag(QueryTag, sql);
        return activity;
    }
}
