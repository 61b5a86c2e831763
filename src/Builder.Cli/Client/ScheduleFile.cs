using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Protocol.Messages;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Builder.Cli.Client;

/// <summary>
/// A schedule in YAML: <c>jobs</c>, a list of mappings with <c>name</c>, <c>platform</c> and <c>script</c> (a path) or <c>opam-package</c>, and where
/// wanted <c>period</c> or <c>cron</c>, <c>time-limit</c>, <c>priority</c>, <c>owner</c>, <c>limits</c>,
/// <c>expected-differences</c>, <c>publish</c>, <c>budget</c>, <c>rebuilds</c>, <c>vary</c>, <c>rebuild-on</c>, <c>bisect</c>, <c>recheck</c>.
/// </summary>
internal static class ScheduleFile
{
    private const int MaxFileSize = 64 << 20;
    private const int MaxScriptSize = 16 << 20;

    /// <summary>Stream, document, mapping, list of jobs, job, and some to spare.</summary>
    private const int DeepestNesting = 10;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly string[] Periods = ["hourly", "daily", "weekly", "never"];

    /// <exception cref="CommandException">The file is not such a schedule; the message names place and reason.</exception>
    public static IReadOnlyList<PlannedJob> Read(string path)
    {
        var names = new HashSet<string>();
        var read = new List<PlannedJob>();
        foreach (var job in ListOfJobs(path, Load(path)).Children)
        {
            var fields = new JobFields(path, job);
            read.Add(ReadJob(fields));
            if (!names.Add(read[^1].Name))
                throw fields.Refuse("name", $"job \"{read[^1].Name}\" stands there twice");
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

    private static YamlStream Load(string path)
    {
        var yaml = new YamlStream();
        try
        {
            var text = Decode(path, ReadBounded("", path, MaxFileSize));
            CheckNesting(path, text);
            yaml.Load(new StringReader(text));
            return yaml;
        }
        catch (YamlException exception)
        {
            throw new CommandException($"{path}: line {exception.Start.Line}: {exception.Message}");
        }
    }

    private static string Decode(string path, byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new CommandException(
                $"{path}: line {bytes.AsSpan(0, exception.Index).Count((byte)'\n') + 1}: what stands there is not UTF-8"
            );
        }
    }

    private static YamlSequenceNode ListOfJobs(string path, YamlStream yaml)
    {
        if (yaml.Documents.Count > 1)
            throw new CommandException(
                $"{path}: line {yaml.Documents[1].RootNode.Start.Line}: a schedule is one document, here begins another"
            );
        if (
            yaml.Documents is not [{ RootNode: YamlMappingNode root }]
            || !root.Children.TryGetValue(new YamlScalarNode("jobs"), out var jobs)
        )
            throw new CommandException($"{path} has no list \"jobs\"");
        // What is written once to be named by aliases may stand under a name of its own that begins with x-.
        var unknown = root.Children.Keys.FirstOrDefault(key =>
            key is not YamlScalarNode { Value: { } name } || (name != "jobs" && !name.StartsWith("x-", StringComparison.Ordinal))
        );
        if (unknown is not null)
            throw new CommandException(
                $"{path}: line {unknown.Start.Line}: {(unknown is YamlScalarNode ? $"\"{unknown}\"" : "what stands there")} is not known beside \"jobs\""
            );
        return jobs as YamlSequenceNode ?? throw new CommandException($"{path}: line {jobs.Start.Line}: \"jobs\" is not a list");
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
        foreach (
            var (name, value) in ((string, string?)[])
                [
                    ("platform", job.Platform),
                    ("opam_package", job.OpamPackage),
                    ("period", job.Period),
                    ("cron", job.Cron),
                    ("owner", job.Owner),
                ]
        )
        {
            if (value is not null)
                json.WriteString(name, value);
        }
        if (job.Script is { } script)
            json.WriteBase64String("script", script);
        if (job.TimeLimit is { } limit)
            json.WriteNumber("time_limit_seconds", (long)Math.Ceiling(limit.TotalSeconds));
        if (job.Priority is { } priority)
            json.WriteNumber("priority", priority);
        if (job.Limits.Any)
        {
            json.WritePropertyName("limits");
            JobLimitsMessage.Write(json, job.Limits);
        }
        if (job.Expected.All.Count > 0)
            job.Expected.Write(json);
        job.Publish?.Write(json);
        job.Rebuild.Write(json);
        job.Budget?.Write(json);
        json.WriteEndObject();
    }

    private static PlannedJob ReadJob(JobFields fields)
    {
        var job = new PlannedJob(fields.Text("name") ?? throw fields.RefuseJob("the job has no name"))
        {
            Line = fields.Line,
            Platform = fields.Text("platform"),
            OpamPackage = fields.Text("opam-package"),
            Script = fields.Text("script") is { } script ? ReadScript(fields, script) : null,
            Period = fields.Text("period"),
            Cron = fields.Text("cron"),
            TimeLimit = fields.Text("time-limit") is { } limit ? ReadDuration(fields, limit) : null,
            Priority = fields.Text("priority") is { } priority ? ReadNumber(fields, priority) : null,
            Owner = fields.Text("owner"),
            Limits = ReadLimits(fields),
            Expected = ExpectedDifferences.Of(fields.Expected),
            Publish = ReadPublish(fields),
            Budget = ReadBudget(fields),
            Rebuild = ReadRebuild(fields),
        };
        Check(fields, job);
        return job;
    }

    private static void Check(JobFields fields, PlannedJob job)
    {
        if (Problem(job) is var (wrong, problem))
            throw fields.Refuse(wrong, $"job \"{job.Name}\" {problem}");
        if (!JobName.TryParse(job.Name, out _, out var reason))
            throw fields.Refuse("name", reason);
        if (job.Platform is { } platform && !Platform.TryParse(platform, out _, out reason))
            throw fields.Refuse("platform", reason);
        foreach (
            var (field, options) in ((string, JobOptions)[])
                [
                    ("cron", new JobOptions(Cron: job.Cron)),
                    ("time-limit", new JobOptions(TimeLimit: job.TimeLimit)),
                    ("priority", new JobOptions(job.Priority ?? 0)),
                    ("owner", new JobOptions(Owner: job.Owner ?? "")),
                ]
        )
        {
            if (options.Refuse() is { } refusal)
                throw fields.Refuse(field, $"job \"{job.Name}\": {refusal}");
        }
    }

    /// <summary>Which fields do not go together, and why.</summary>
    private static (string Field, string Problem)? Problem(PlannedJob job) =>
        job switch
        {
            { Script: null, OpamPackage: null } => ("name", "has neither script nor opam-package"),
            { Script: not null, OpamPackage: not null } => ("opam-package", "has both script and opam-package"),
            { Script: not null, Platform: null } => ("script", "has a script but no platform"),
            { OpamPackage: not null, Platform: not null } => (
                "platform",
                "builds an opam package, on every platform that has a template: it has no platform of its own"
            ),
            { Period: not null, Cron: not null } => ("cron", "has both period and cron"),
            { Period: { } period } when !Periods.Contains(period) => (
                "period",
                $"has the period \"{period}\", not one of {string.Join(", ", Periods)}"
            ),
            _ => null,
        };

    private static byte[] ReadScript(JobFields fields, string script)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(fields.Path))!, script);
        if (Directory.Exists(path))
            throw fields.Refuse("script", $"the script cannot be read: {path} is a directory");
        try
        {
            return ReadBounded(fields.Refuse("script", "").Message, path, MaxScriptSize);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw fields.Refuse("script", $"the script cannot be read: {exception.Message}");
        }
    }

    private static JobBudget? ReadBudget(JobFields fields)
    {
        if (!fields.HasMapping("budget"))
            return null;
        try
        {
            TimeSpan? time = fields.Text("budget.time") is { } text
                ? DurationText.TryParse(text, out var duration)
                    ? duration
                    : throw new FormatException($"budget: time \"{text}\" is not a time such as 90s, 20m or 2h")
                : null;
            return JobBudget.Parse(fields.Text("budget.size"), fields.Text("budget.growth"), time);
        }
        catch (FormatException exception)
        {
            throw fields.Refuse("budget.size", exception.Message);
        }
    }

    private static PublishRule? ReadPublish(JobFields fields)
    {
        if (!fields.HasMapping("publish"))
            return null;
        try
        {
            return PublishRule.Parse(fields.Text("publish.when"), fields.Text("publish.by"), fields.Text("publish.independent"));
        }
        catch (FormatException exception)
        {
            throw fields.Refuse("publish.when", exception.Message);
        }
    }

    private static RebuildPolicy ReadRebuild(JobFields fields)
    {
        var vary = Variations.None;
        if (fields.Text("vary") is { } names && !VariationNames.TryParseSet(names, out vary, out var reason))
            throw fields.Refuse("vary", reason);
        var onAny = false;
        if (fields.Text("rebuild-on") is { } on && !RebuildPolicy.TryParseOn(on, out onAny))
            throw fields.Refuse(
                "rebuild-on",
                $"rebuild-on \"{on}\" is not known; use {RebuildPolicy.OtherWorker} or {RebuildPolicy.AnyWorker}"
            );
        var recheck = Recheck.Never;
        if (fields.Text("recheck") is { } often && !RebuildPolicy.TryParseRecheck(often, out recheck))
            throw fields.Refuse("recheck", $"recheck \"{often}\" is not known; use never, weekly or monthly");
        var bisect = false;
        if (fields.Text("bisect") is { } wanted && !bool.TryParse(wanted, out bisect))
            throw fields.Refuse("bisect", $"bisect \"{wanted}\" is neither true nor false");
        int? rebuilds = null;
        if (fields.Text("rebuilds") is { } text)
            rebuilds = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? count
                : throw fields.Refuse("rebuilds", $"rebuilds \"{text}\" is not a number from 0 to {RebuildPolicy.MaxRebuilds}");
        var policy = new RebuildPolicy(rebuilds, fields.Text("vary") is null ? null : vary, onAny, bisect, recheck);
        return policy.Refuse() is { } refusal ? throw fields.Refuse("rebuilds", refusal) : policy;
    }

    private static TimeSpan ReadDuration(JobFields fields, string text) =>
        DurationText.TryParse(text, out var duration)
            ? duration
            : throw fields.Refuse("time-limit", $"\"{text}\" is not a duration such as 90s, 45m or 3h, of 30 days at most");

    private static JobLimits ReadLimits(JobFields fields)
    {
        return new JobLimits
        {
            MaxProcesses = Count("processes"),
            MaxMemoryBytes = Size("memory"),
            MaxDiskBytes = Size("disk"),
            MaxConsoleBytes = Size("console"),
            MaxArtifacts = Count("artifacts"),
            MaxArtifactBytes = Size("artifact-size"),
        };

        long? Size(string name) =>
            fields.Text("limits." + name) is not { } text ? null
            : ByteSize.TryParse(text, out var bytes) ? bytes
            : throw fields.Refuse("limits." + name, $"{name} \"{text}\" is not a size such as 512M or 4G");

        long? Count(string name) =>
            fields.Text("limits." + name) is not { } text ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count
            : throw fields.Refuse("limits." + name, $"{name} \"{text}\" is not a number from 1 on");
    }

    private static int ReadNumber(JobFields fields, string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw fields.Refuse(
                "priority",
                $"\"{text}\" is not a number from {JobOptions.LowestPriority} to {JobOptions.HighestPriority}"
            );
}
