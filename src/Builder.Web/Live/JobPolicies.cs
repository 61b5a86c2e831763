using System.Text.Json;
using Builder.Analysis.Difference;
using Builder.Storage.Budgets;
using Builder.Storage.Rebuilders;

namespace Builder.Web.Live;

/// <summary>What a server of ours answers to <c>policies</c>.</summary>
internal static class JobPolicies
{
    /// <summary>Budgets by job.</summary>
    /// <returns>Null where it is not such an answer.</returns>
    public static IReadOnlyDictionary<string, StoredBudget>? ReadBudgets(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var budgets = new Dictionary<string, StoredBudget>(StringComparer.Ordinal);
            foreach (var job in document.RootElement.GetProperty("jobs").EnumerateArray())
            {
                if (job.TryGetProperty("budget", out var budget))
                    budgets[job.GetProperty("job").GetString() ?? ""] = new StoredBudget(
                        budget.TryGetProperty("size", out var size) ? size.GetInt64() : null,
                        budget.TryGetProperty("growth_permille", out var growth) ? growth.GetInt32() : null,
                        budget.TryGetProperty("time_seconds", out var seconds) ? TimeSpan.FromSeconds(seconds.GetInt32()) : null
                    );
            }
            return budgets;
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>When packages go out, by job.</summary>
    /// <returns>Null where it is not such an answer.</returns>
    public static IReadOnlyDictionary<string, StoredPublishRule>? ReadRules(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var rules = new Dictionary<string, StoredPublishRule>(StringComparer.Ordinal);
            foreach (var job in document.RootElement.GetProperty("jobs").EnumerateArray())
            {
                if (job.TryGetProperty("publish", out var rule))
                    rules[job.GetProperty("job").GetString() ?? ""] = new StoredPublishRule(
                        rule.GetProperty("by").GetInt32(),
                        rule.GetProperty("independent").GetBoolean()
                    );
            }
            return rules;
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <returns>Null where it is not such an answer.</returns>
    public static IReadOnlyDictionary<string, IReadOnlyList<ExpectedDifference>>? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var jobs = new Dictionary<string, IReadOnlyList<ExpectedDifference>>(StringComparer.Ordinal);
            foreach (var job in document.RootElement.GetProperty("jobs").EnumerateArray())
                jobs[job.GetProperty("job").GetString() ?? ""] = ReadList(job.GetProperty("expected_differences"));
            return jobs;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static List<ExpectedDifference> ReadList(JsonElement list)
    {
        var read = new List<ExpectedDifference>();
        foreach (var entry in list.EnumerateArray().Take(ExpectedDifference.MaxPerJob))
        {
            // A cause of a later version says nothing to this one: the difference then counts.
            if (
                ExpectedDifference.TryCreate(
                    entry.GetProperty("cause").GetString() ?? "",
                    entry.GetProperty("path").GetString() ?? "",
                    out var expected,
                    out _
                )
            )
                read.Add(expected);
        }
        return read;
    }
}
