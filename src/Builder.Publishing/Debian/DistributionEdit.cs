using Builder.Publishing.Names;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;

namespace Builder.Publishing.Debian;

/// <summary>A distribution being changed: its indices by architecture, and which of them differ from what is published.</summary>
internal sealed class DistributionEdit(string distribution, RepositorySettings settings, PackageNames names, NameRules rules)
{
    /// <summary>Fields through which a package takes the place of another, or keeps it away.</summary>
    private static readonly string[] OverOthers = ["Provides", "Replaces", "Conflicts", "Breaks"];

    private static readonly string[] Essential = ["Essential", "Important", "Protected", "Build-Essential"];

    public const string All = "all";

    public string Distribution => distribution;

    public SortedDictionary<string, PackagesIndex> Indices { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Changed { get; } = [];

    /// <summary>Files of packages that were put in by this edit.</summary>
    public HashSet<string> Fresh { get; } = new(StringComparer.Ordinal);

    public PackageNames Names => names;

    /// <summary>Null where the package may go in.</summary>
    /// <param name="byHand">The operator names this build: what was withdrawn goes out again.</param>
    public PublishOutcome? WhyNot(ControlFile control, PublishableBuild build, bool byHand)
    {
        if (rules.WhyNot(build) is { } reason)
            return PublishOutcome.Refused(reason);
        if (control.Architecture != All && !settings.Architectures.Contains(control.Architecture))
            return PublishOutcome.Refused(
                $"architecture {control.Architecture} is none of this repository's: {string.Join(", ", settings.Architectures)}, all"
            );
        if (WhyNotNames(control, build) is { } foreign)
            return PublishOutcome.Refused(foreign);
        foreach (
            var entry in Affected(control.Architecture)
                .Select(architecture => Indices[architecture].Find(control.Package))
                .OfType<IndexEntry>()
        )
        {
            var there = entry.ToPackage(distribution);
            if (there.Sha256 == build.MainBinary!.Sha256)
                return new PublishOutcome(
                    PublishState.AlreadyPublished,
                    $"the same package is published as {there.Name} {there.Version}",
                    there
                );
            if (
                PublishedVersion.TryParse(there.Version, out var buildTime, out _)
                && !rules.IsInTheFuture(buildTime)
                && string.CompareOrdinal(buildTime, PublishedVersion.BuildTime(build.Started)) > 0
            )
                return new PublishOutcome(PublishState.Superseded, $"a newer build is published: {there.Name} {there.Version}");
        }
        return byHand || names.FindWithdrawn(distribution, control.Package, build.MainBinary!.Sha256) is not { } withdrawn
            ? null
            : PublishOutcome.Withdrawn(withdrawn, build);
    }

    /// <summary>Takes out what fits, of every architecture.</summary>
    public IReadOnlyList<PublishedPackage> Remove(Func<PublishedPackage, bool> fits)
    {
        var removed = new HashSet<PublishedPackage>();
        foreach (var (architecture, index) in Indices)
        {
            foreach (var entry in index.Entries.ToList())
            {
                if (entry.ToPackage(distribution) is var package && fits(package))
                {
                    index.Remove(entry.Name);
                    Changed.Add(architecture);
                    removed.Add(package);
                }
            }
        }
        return [.. removed];
    }

    private string? WhyNotNames(ControlFile control, PublishableBuild build)
    {
        if (rules.WhyNot(distribution, control.Package, build) is { } reason)
            return reason;
        foreach (var field in OverOthers)
        {
            if (
                rules.WhyNotOver(distribution, control.Package, field, control.Relations(field).Select(relation => relation.Name), build) is
                { } over
            )
                return over;
        }
        return Essential
            .Where(field => control.Value(field) == "yes")
            .Select(field => rules.WhyNotEssential(control.Package, $"{field}: yes"))
            .FirstOrDefault(essential => essential is not null);
    }

    public void Put(string architecture, IndexEntry entry, PublishableBuild build)
    {
        names.Claim(entry.Name, distribution, build.Job.Value);
        if (names.FindWithdrawn(distribution, entry.Name, build.MainBinary!.Sha256) is { } withdrawn)
            names.Readmit(withdrawn);
        Fresh.Add(entry.Field("Filename: "u8));
        foreach (var affected in Affected(architecture))
        {
            Indices[affected].Put(entry);
            Changed.Add(affected);
        }
    }

    /// <summary>Packages for all architectures stand in the index of each: older clients look nowhere else.</summary>
    private string[] Affected(string architecture) => architecture == All ? [.. Indices.Keys] : [architecture];
}
