namespace Builder.Publishing.Debian;

/// <summary>A distribution being changed: its indices by architecture, and which of them differ from what is published.</summary>
internal sealed class DistributionEdit(string distribution, RepositorySettings settings)
{
    public const string All = "all";

    public string Distribution => distribution;

    public SortedDictionary<string, PackagesIndex> Indices { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Changed { get; } = [];

    /// <summary>Null where the package may go in.</summary>
    public PublishOutcome? WhyNot(ControlFile control, PublishableBuild build)
    {
        if (control.Architecture != All && !settings.Architectures.Contains(control.Architecture))
            return PublishOutcome.Refused(
                $"architecture {control.Architecture} is none of this repository's: {string.Join(", ", settings.Architectures)}, all");
        foreach (var entry in Affected(control.Architecture).Select(architecture => Indices[architecture].Find(control.Package)).OfType<IndexEntry>())
        {
            var there = entry.ToPackage(distribution);
            if (there.Sha256 == build.MainBinary!.Sha256)
                return new PublishOutcome(PublishState.AlreadyPublished, $"the same package is published as {there.Name} {there.Version}", there);
            if (settings.NamesBelongToJobs && there.Job != build.Job.Value)
                return PublishOutcome.Refused($"package {there.Name} belongs to job {there.Job}, which published it first");
            if (PublishedVersion.TryParse(there.Version, out var buildTime, out _)
                && string.CompareOrdinal(buildTime, PublishedVersion.BuildTime(build.Started)) > 0)
                return new PublishOutcome(PublishState.Superseded, $"a newer build is published: {there.Name} {there.Version}");
        }
        return null;
    }

    public void Put(string architecture, IndexEntry entry)
    {
        foreach (var affected in Affected(architecture))
        {
            Indices[affected].Put(entry);
            Changed.Add(affected);
        }
    }

    /// <summary>Packages for all architectures stand in the index of each: older clients look nowhere else.</summary>
    private string[] Affected(string architecture) => architecture == All ? [.. Indices.Keys] : [architecture];
}
