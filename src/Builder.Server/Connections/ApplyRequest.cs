using System.Text.Json;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Connections;

/// <summary>A whole schedule, as a client sends it.</summary>
internal sealed record ApplyRequest(IReadOnlyList<WantedJob> Jobs, bool RemovesOthers, bool IsDryRun)
{
    /// <exception cref="FormatException">A field is missing or not what it should be; the message names it.</exception>
    public static ApplyRequest Read(JsonElement root) =>
        new(
            [.. root.GetProperty("jobs").EnumerateArray().Select(ReadJob)],
            root.TryGetProperty("remove_others", out var removes) && removes.GetBoolean(),
            root.TryGetProperty("dry_run", out var dry) && dry.GetBoolean()
        );

    private static WantedJob ReadJob(JsonElement job)
    {
        var name = ByteString.FromUtf8(Text(job, "name") ?? throw new FormatException("a job has no name"));
        Job what;
        if (Text(job, "opam_package") is { } package)
        {
            what = new OrbBuildJob(name, ByteString.FromUtf8(package));
        }
        else
        {
            var platform = Text(job, "platform") ?? throw new FormatException($"job \"{name}\" has no platform");
            if (!job.TryGetProperty("script", out var script))
                throw new FormatException($"job \"{name}\" has neither script nor opam_package");
            what = new ScriptJob(name, ByteString.FromUtf8(platform), new ByteString(script.GetBytesFromBase64()));
        }
        var period = Text(job, "period");
        var cron = Text(job, "cron");
        if (
            !Enum.TryParse<Period>(period ?? (cron is null ? "daily" : "never"), ignoreCase: true, out var parsed)
            || !Enum.IsDefined(parsed)
        )
            throw new FormatException($"job \"{name}\": \"{period}\" is not a period");
        var limit = job.TryGetProperty("time_limit_seconds", out var seconds) ? TimeSpan.FromSeconds(seconds.GetInt64()) : (TimeSpan?)null;
        var priority = job.TryGetProperty("priority", out var given) ? given.GetInt32() : 0;
        var limits = job.TryGetProperty("limits", out var wanted) ? ReadLimits(name, wanted) : JobLimits.None;
        var options = new JobOptions(priority, limit, Text(job, "owner") ?? "", cron, limits.Any ? limits : null)
        {
            Expected = job.TryGetProperty("expected_differences", out var list) ? ReadExpected(name, list) : ExpectedDifferences.None,
            Publish = job.TryGetProperty("publish", out var publish) ? ReadPublish(name, publish) : null,
            Rebuild = ReadRebuild(name, job),
            Budget = job.TryGetProperty("budget", out var budget) ? ReadBudget(name, budget) : null,
        };
        return new WantedJob(what, parsed, options);
    }

    private static ExpectedDifferences ReadExpected(ByteString name, JsonElement list)
    {
        try
        {
            return ExpectedDifferences.Read(list);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"job \"{name}\": {exception.Message}");
        }
    }

    private static JobBudget ReadBudget(ByteString name, JsonElement budget)
    {
        try
        {
            return JobBudget.Read(budget);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"job \"{name}\": {exception.Message}");
        }
    }

    private static PublishRule? ReadPublish(ByteString name, JsonElement rule)
    {
        try
        {
            return PublishRule.Read(rule);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"job \"{name}\": {exception.Message}");
        }
    }

    private static RebuildPolicy ReadRebuild(ByteString name, JsonElement job)
    {
        try
        {
            return RebuildPolicy.Read(job);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"job \"{name}\": {exception.Message}");
        }
    }

    private static JobLimits ReadLimits(ByteString name, JsonElement limits)
    {
        try
        {
            return JobLimitsMessage.Read(limits);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"job \"{name}\": {exception.Message}");
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
