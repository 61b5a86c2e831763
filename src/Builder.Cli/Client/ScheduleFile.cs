using System.Globalization;
using System.Text;
using System.Text.Json;
using Cronos;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Builder.Cli.Client;

/// <summary>
/// A schedule in YAML: <c>jobs</c>, a list of mappings with <c>name</c>, <c>platform</c> and <c>script</c> (a path) or <c>opam-package</c>, and where
/// wanted <c>period</c> or <c>cron</c>, <c>time-limit</c>, <c>priority</c>, <c>owner</c>.
/// </summary>
internal static class ScheduleFile
{
    private static readonly string[] Known = ["name", "platform", "script", "opam-package", "period", "cron", "time-limit", "priority", "owner"];
    private static readonly string[] Periods = ["hourly", "daily", "weekly", "never"];

    /// <exception cref="CommandException">The file is not such a schedule; the message names place and reason.</exception>
    public static IReadOnlyList<PlannedJob> Read(string path)
    {
        var yaml = new YamlStream();
        try
        {
            using var text = new StreamReader(path, Encoding.UTF8);
            yaml.Load(text);
        }
        catch (YamlException error)
        {
            throw new CommandException($"{path}: line {error.Start.Line}: {error.Message}");
        }
        if (yaml.Documents is not [{ RootNode: YamlMappingNode root }] || !root.Children.TryGetValue(new YamlScalarNode("jobs"), out var node)
            || node is not YamlSequenceNode jobs)
        {
            throw new CommandException($"{path} has no list \"jobs\"");
        }
        return [.. jobs.Children.Select(job => ReadJob(path, job))];
    }

    public static byte[] ToRequest(IReadOnlyList<PlannedJob> jobs, bool isDryRun, bool removesOthers)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("dry_run", isDryRun);
            json.WriteBoolean("remove_others", removesOthers);
            json.WriteStartArray("jobs");
            foreach (var job in jobs)
                Write(json, job);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, PlannedJob job)
    {
        json.WriteStartObject();
        json.WriteString("name", job.Name);
        foreach (var (name, value) in ((string, string?)[])
        [
            ("platform", job.Platform), ("opam_package", job.OpamPackage), ("period", job.Period), ("cron", job.Cron), ("owner", job.Owner),
        ])
        {
            if (value is not null)
                json.WriteString(name, value);
        }
        if (job.Script is { } script)
            json.WriteBase64String("script", script);
        if (job.TimeLimit is { } limit)
            json.WriteNumber("time_limit_seconds", (long)limit.TotalSeconds);
        if (job.Priority is { } priority)
            json.WriteNumber("priority", priority);
        json.WriteEndObject();
    }

    private static PlannedJob ReadJob(string path, YamlNode node)
    {
        var place = $"{path}: line {node.Start.Line}";
        if (node is not YamlMappingNode mapping)
            throw new CommandException($"{place}: a job is a mapping");
        var fields = new Dictionary<string, string>();
        foreach (var (key, value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { } name } || value is not YamlScalarNode { Value: { } text })
                throw new CommandException($"{place}: a job has names and plain values only");
            if (!Known.Contains(name))
                throw new CommandException($"{place}: \"{name}\" is not known; known are {string.Join(", ", Known)}");
            fields[name] = text;
        }
        var job = new PlannedJob(fields.GetValueOrDefault("name") ?? throw new CommandException($"{place}: the job has no name"))
        {
            Platform = fields.GetValueOrDefault("platform"),
            OpamPackage = fields.GetValueOrDefault("opam-package"),
            Script = fields.TryGetValue("script", out var script) ? ReadScript(place, path, script) : null,
            Period = fields.GetValueOrDefault("period"),
            Cron = fields.GetValueOrDefault("cron"),
            TimeLimit = fields.TryGetValue("time-limit", out var limit) ? ReadDuration(place, limit) : null,
            Priority = fields.TryGetValue("priority", out var priority) ? ReadNumber(place, priority) : null,
            Owner = fields.GetValueOrDefault("owner"),
        };
        Check(place, job);
        return job;
    }

    private static void Check(string place, PlannedJob job)
    {
        var problem = job switch
        {
            { Script: null, OpamPackage: null } => "has neither script nor opam-package",
            { Script: not null, OpamPackage: not null } => "has both script and opam-package",
            { Script: not null, Platform: null } => "has a script but no platform",
            { OpamPackage: not null, Platform: not null } => "builds an opam package, on every platform that has a template: it has no platform of its own",
            { Period: not null, Cron: not null } => "has both period and cron",
            { Period: { } period } when !Periods.Contains(period) => $"has the period \"{period}\", not one of {string.Join(", ", Periods)}",
            { Cron: { } cron } when !CronExpression.TryParse(cron, out _) => $"has \"{cron}\", which is not a cron expression such as \"30 3 * * *\"",
            _ => null,
        };
        if (problem is not null)
            throw new CommandException($"{place}: job \"{job.Name}\" {problem}");
    }

    private static byte[] ReadScript(string place, string file, string script)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, script);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{place}: the script cannot be read: {error.Message}");
        }
    }

    /// <summary>Such as <c>90s</c>, <c>45m</c>, <c>3h</c>.</summary>
    private static TimeSpan ReadDuration(string place, string text)
    {
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            switch (text[^1])
            {
                case 's':
                    return TimeSpan.FromSeconds(number);
                case 'm':
                    return TimeSpan.FromMinutes(number);
                case 'h':
                    return TimeSpan.FromHours(number);
            }
        }
        throw new CommandException($"{place}: \"{text}\" is not a duration such as 90s, 45m or 3h");
    }

    private static int ReadNumber(string place, string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CommandException($"{place}: \"{text}\" is not a number");
}
