using System.Buffers;
using System.Text;
using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Storage.Budgets;
using Builder.Storage.Failures;

namespace Builder.Storage.Outbox;

/// <summary>The <c>data</c> of an event about a build, as docs/watch.md describes it.</summary>
internal static class BuildEventData
{
    /// <summary>Rises when a member changes its meaning or goes. New members may come at any time.</summary>
    public const int Version = 1;

    /// <param name="error">Of a failed build; null where none was found.</param>
    /// <param name="old">The verdict before, for an event about its change.</param>
    /// <param name="over">Limits that the build exceeds, for an event about them.</param>
    public static string Write(
        EventBuild build,
        EventBuild? previous,
        string verdict,
        StoredFailure? error,
        string? old,
        IReadOnlyList<BudgetExcess> over
    )
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("job", build.Job);
            json.WriteString("platform", build.Platform);
            WriteBuild(json, build);
            json.WriteString("started", Time(build.Started));
            json.WriteString("finished", Time(build.Finished));
            json.WriteString("verdict", verdict);
            if (old is not null)
                json.WriteString("verdict_before", old);
            if (build.Input is { } input)
                json.WriteString("input_id", input.ToString());
            if (error is not null)
                WriteError(json, error);
            if (over.Count > 0)
            {
                json.WriteStartObject("over_budget");
                foreach (var one in over)
                {
                    json.WriteStartObject(one.Limit);
                    json.WriteNumber("value", one.Value);
                    json.WriteNumber("budget", one.Budget);
                    json.WriteEndObject();
                }
                json.WriteEndObject();
            }
            if (previous is not null)
            {
                json.WriteStartObject("previous");
                WriteBuild(json, previous);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteError(Utf8JsonWriter json, StoredFailure error)
    {
        json.WriteStartObject("first_error");
        json.WriteNumber("line", error.Line);
        json.WriteString("text", error.Text);
        json.WriteString("tool", error.Tool);
        if (error.Subject is not null)
            json.WriteString("subject", error.Subject);
        json.WriteString("fingerprint", error.Fingerprint);
        json.WriteEndObject();
    }

    private static void WriteBuild(Utf8JsonWriter json, EventBuild build)
    {
        json.WriteString("build", build.Uuid.ToString());
        json.WriteString("result", build.Result.ToString());
        json.WriteBoolean("succeeded", build.Main is not null);
        if (build.Main is not { } main)
            return;
        json.WriteStartObject("main_binary");
        json.WriteString("path", build.Path);
        json.WriteString("sha256", main.ToString());
        json.WriteNumber("size", build.Size ?? 0);
        json.WriteEndObject();
    }

    private static string Time(Timestamp time) => time.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null);
}
