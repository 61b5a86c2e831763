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
    private const int LongestFile = 64 << 20;
    private const int LongestScript = 16 << 20;

    /// <summary>Stream, document, mapping, list of jobs, job, and some to spare.</summary>
    private const int DeepestNesting = 10;

    private static readonly string[] Known = ["name", "platform", "script", "opam-package", "period", "cron", "time-limit", "priority", "owner"];
    private static readonly string[] Periods = ["hourly", "daily", "weekly", "never"];

    /// <exception cref="CommandException">The file is not such a schedule; the message names place and reason.</exception>
    public static IReadOnlyList<PlannedJob> Read(string path)
    {
        var yaml = new YamlStream();
        try
        {
            var text = Encoding.UTF8.GetString(ReadBounded("", path, LongestFile));
            CheckNesting(path, text);
            yaml.Load(new StringReader(text));
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
        var names = new HashSet<string>();
        var read = new List<PlannedJob>();
        foreach (var job in jobs.Children)
        {
            read.Add(ReadJob(path, job));
            if (!names.Add(read[^1].Name))
                throw new CommandException($"{path}: line {job.Start.Line}: job \"{read[^1].Name}\" stands there twice");
        }
        return read;
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

    /// <summary>The reader of documents goes as deep as a file does; a schedule needs three levels.</summary>
    private static void CheckNesting(string path, string text)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > DeepestNesting)
                throw new CommandException($"{path}: line {parser.Current.Start.Line}: nested too deeply for a schedule");
        }
    }

    private static byte[] ReadBounded(string place, string path, int longest)
    {
        using var stream = File.OpenRead(path);
        using var bytes = new MemoryStream();
        var piece = new byte[64 << 10];
        while (stream.Read(piece) is > 0 and var count)
        {
            bytes.Write(piece.AsSpan(0, count));
            if (bytes.Length > longest)
                throw new CommandException($"{place}{path} is longer than {longest >> 20} MiB");
        }
        return bytes.ToArray();
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
            return ReadBounded($"{place}: ", path, LongestScript);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{place}: the script cannot be read: {error.Message}");
        }
    }

    private static TimeSpan ReadDuration(string place, string text) =>
        DurationText.TryParse(text, out var duration)
            ? duration
            : throw new CommandException($"{place}: \"{text}\" is not a duration such as 90s, 45m or 3h, of 30 days at most");

    private static int ReadNumber(string place, string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CommandException($"{place}: \"{text}\" is not a number");
}
