using System.Globalization;
using Builder.Analysis.Comparison;
using Builder.Cli.Recording;
using Builder.Protocol.Values;

namespace Builder.Cli.Reproduce;

/// <summary>What this machine has that a build recorded, and what it lacks.</summary>
/// <param name="System">What differs in system or processor, a phrase each: <c>OS_VERSION is 13 here, 12 there</c>.</param>
/// <param name="Missing">Packages that are not installed here, as <c>NAME=VERSION</c>.</param>
/// <param name="OtherVersions">Packages with another version here.</param>
internal sealed record MachineCheck(IReadOnlyList<string> System, IReadOnlyList<string> Missing, IReadOnlyList<VersionChange> OtherVersions)
{
    private const int MaxListed = 10;

    /// <summary>Names that other programs give to the same processors.</summary>
    private static readonly Dictionary<string, string> Processors = new()
    {
        ["amd64"] = "x86_64",
        ["aarch64"] = "arm64",
        ["ppc64le"] = "ppc64",
    };

    /// <summary>For people.</summary>
    public IEnumerable<string> Lines =>
        [
            .. System.Select(static difference => $"this machine is another: {difference}"),
            .. Missing.Count == 0 ? [] : (string[])[$"not installed here: {Listed(Missing)}"],
            .. OtherVersions.Count == 0
                ? []
                : (string[])
                    [
                        $"in other versions here: {Listed([.. OtherVersions.Select(static one => $"{one.Name} {one.Right} (recorded {one.Left})")])}",
                    ],
        ];

    public static async Task<MachineCheck> RunAsync(IReadOnlyDictionary<string, ByteString> inputs, CancellationToken cancellationToken)
    {
        var system = new List<string>();
        if (inputs.TryGetValue(BuildFiles.Environment, out var recorded))
        {
            var there = (RecordedLists.Environment(recorded.Span) ?? []).ToDictionary(one => one.Name, one => one.Version);
            foreach (var (name, here) in HostFacts.OfThisMachine().Variables)
            {
                if (there.TryGetValue(name, out var value) && Plain(value) != Plain(here))
                    system.Add($"{name} is {here} here, {value} there");
            }
        }
        if (!inputs.TryGetValue(BuildFiles.Packages, out var packages))
            return new MachineCheck(system, [], []);
        var installed = await HostPackages.ListAsync(cancellationToken);
        var comparison = NamedVersionComparison.OfSystemPackages(packages.Span, installed);
        if (comparison.Problem is { } problem)
            system.Add($"the system packages cannot be compared: {problem}");
        return new MachineCheck(
            system,
            [.. comparison.OnlyLeft.Select(static package => $"{package.Name}={package.Version}")],
            comparison.Changed
        );
    }

    private static string Listed(IReadOnlyList<string> names) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(", ", names.Take(MaxListed))}{(names.Count > MaxListed ? $" and {names.Count - MaxListed} more" : "")}"
        );

    private static string Plain(string value) => Processors.GetValueOrDefault(value, value);
}
