using Builder.Analysis.Difference;
using Builder.Cli.Errors;
using YamlDotNet.RepresentationModel;

namespace Builder.Cli.Client;

/// <summary>The fields of one job in a schedule file, each with its line: what is refused is refused there.</summary>
internal sealed class JobFields
{
    private static readonly string[] Known =
    [
        "name",
        "platform",
        "script",
        "opam-package",
        "period",
        "cron",
        "time-limit",
        "priority",
        "owner",
        "limits",
        Publish,
        Budget,
        ExpectedDifferences,
        "rebuilds",
        Vary,
        "rebuild-on",
        "bisect",
        "recheck",
    ];

    private const string Vary = "vary";

    private const string Publish = "publish";

    private const string Budget = "budget";

    private const string ExpectedDifferences = "expected-differences";

    private static readonly string[] KnownLimits = ["memory", "processes", "disk", "console", "artifacts", "artifact-size"];

    private static readonly string[] KnownBudget = ["size", "growth", "time"];

    private static readonly string[] KnownPublish = ["when", "by", "independent"];

    private readonly Dictionary<string, YamlScalarNode> values = [];
    private readonly List<ExpectedDifference> expected = [];
    private readonly HashSet<string> mappings = [];
    private readonly string path;
    private readonly YamlNode job;

    /// <exception cref="CommandException">It is not a mapping of known names to plain values.</exception>
    public JobFields(string path, YamlNode job)
    {
        this.path = path;
        this.job = job;
        if (job is not YamlMappingNode mapping)
            throw RefuseJob("a job is a mapping");
        Add(mapping, "", Known);
    }

    public string Path => path;

    public long Line => job.Start.Line;

    /// <summary>The entries of <c>expected-differences</c>, each checked at its own line.</summary>
    public IReadOnlyList<ExpectedDifference> Expected => expected;

    /// <summary>Whether the mapping of that name is there, even an empty one.</summary>
    public bool HasMapping(string name) => mappings.Contains(name);

    /// <param name="name">Of a field, or <c>limits.</c> and the name of a limit.</param>
    public string? Text(string name) => values.GetValueOrDefault(name)?.Value;

    public CommandException RefuseJob(string reason) => Refuse(job, reason);

    /// <summary>An error at the field's own line.</summary>
    public CommandException Refuse(string name, string reason) => Refuse(values.GetValueOrDefault(name) ?? job, reason);

    private void Add(YamlMappingNode mapping, string prefix, string[] known)
    {
        foreach (var (key, value) in mapping.Children)
        {
            if (prefix.Length == 0 && key is YamlScalarNode { Value: "limits" })
            {
                Add(
                    value as YamlMappingNode ?? throw Refuse(key, "limits is a mapping, such as {memory: 2G, processes: 500}"),
                    "limits.",
                    KnownLimits
                );
                continue;
            }
            if (prefix.Length == 0 && key is YamlScalarNode { Value: Budget })
            {
                mappings.Add(Budget);
                Add(
                    value as YamlMappingNode ?? throw Refuse(key, "budget is a mapping, such as {size: 12MB, growth: 5%, time: 20m}"),
                    "budget.",
                    KnownBudget
                );
                continue;
            }
            if (prefix.Length == 0 && key is YamlScalarNode { Value: Publish })
            {
                mappings.Add(Publish);
                Add(
                    value as YamlMappingNode
                        ?? throw Refuse(key, "publish is a mapping, such as {when: reproduced, by: 2, independent: true}"),
                    "publish.",
                    KnownPublish
                );
                continue;
            }
            if (prefix.Length == 0 && key is YamlScalarNode { Value: Vary } && value is YamlSequenceNode variations)
            {
                values.Add(Vary, ListOf(key, variations));
                continue;
            }
            if (prefix.Length == 0 && key is YamlScalarNode { Value: ExpectedDifferences })
            {
                AddExpected(
                    value as YamlSequenceNode
                        ?? throw Refuse(
                            key,
                            $"{ExpectedDifferences} is a list, such as [{{cause: timestamp, path: usr/share/app/info.txt}}]"
                        )
                );
                continue;
            }
            if (key is not YamlScalarNode { Value: { } name } || value is not YamlScalarNode { Value: not null } plain)
                throw Refuse(key, "a job has names and plain values only");
            if (!known.Contains(name))
                throw Refuse(key, $"\"{name}\" is not known; known are {string.Join(", ", known)}");
            values.Add(prefix + name, plain);
        }
    }

    /// <summary>One value that has the names of all, at the line of the first.</summary>
    private YamlScalarNode ListOf(YamlNode key, YamlSequenceNode list)
    {
        if (list.Children.Count == 0)
            return new YamlScalarNode("none");
        List<YamlScalarNode> names =
        [
            .. list.Select(entry => entry as YamlScalarNode ?? throw Refuse(key, "vary is a list of names, such as [time, path, locale]")),
        ];
        var first = names[0];
        first.Value = string.Join(',', names.ConvertAll(static name => name.Value));
        return first;
    }

    private void AddExpected(YamlSequenceNode list)
    {
        foreach (var entry in list)
        {
            if (
                entry is not YamlMappingNode { Children: { Count: 2 } fields }
                || !fields.TryGetValue(new YamlScalarNode("cause"), out var cause)
                || !fields.TryGetValue(new YamlScalarNode("path"), out var pattern)
                || cause is not YamlScalarNode { Value: { } causeText }
                || pattern is not YamlScalarNode { Value: { } patternText }
            )
                throw Refuse(
                    entry,
                    "an expected difference is a mapping of cause and path, such as {cause: timestamp, path: usr/share/app/info.txt}"
                );
            if (!ExpectedDifference.TryCreate(causeText, patternText, out var read, out var reason))
                throw Refuse(entry, reason);
            if (expected.Count == ExpectedDifference.MaxPerJob)
                throw Refuse(entry, $"a job has at most {ExpectedDifference.MaxPerJob} expected differences");
            expected.Add(read);
        }
    }

    private CommandException Refuse(YamlNode node, string reason) => new($"{path}: line {node.Start.Line}: {reason}");
}
