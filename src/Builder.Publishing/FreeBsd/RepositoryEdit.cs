using Builder.Publishing.Names;
using Builder.Publishing.Packages;

namespace Builder.Publishing.FreeBsd;

/// <summary>A repository being changed: the catalogs of the ABIs that a publication touches, and whose the names are.</summary>
internal sealed class RepositoryEdit(PackageNames names, NameRules rules)
{
    public PackageNames Names => names;

    public SortedDictionary<string, Catalog> Catalogs { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of packages put in, by ABI.</summary>
    public SortedDictionary<string, List<string>> Changed { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of their files.</summary>
    public HashSet<string> Fresh { get; } = new(StringComparer.Ordinal);

    /// <summary>Null where the package may go into the ABI.</summary>
    public PublishOutcome? WhyNot(string abi, PackageManifest manifest, PublishableBuild build, bool byHand)
    {
        if ((rules.WhyNot(build) ?? WhyNotNames(abi, manifest, build)) is { } reason)
            return PublishOutcome.Refused(reason);
        if (Catalogs[abi].Find(abi, manifest.Name) is { } there)
        {
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
        return byHand || names.FindWithdrawn(abi, manifest.Name, build.MainBinary!.Sha256) is not { } withdrawn
            ? null
            : PublishOutcome.Withdrawn(withdrawn, build);
    }

    public void Put(string abi, PackageManifest manifest, byte[] line, string fileName, PublishableBuild build)
    {
        names.Claim(manifest.Name, abi, build.Job.Value);
        if (names.FindWithdrawn(abi, manifest.Name, build.MainBinary!.Sha256) is { } withdrawn)
            names.Readmit(withdrawn);
        Catalogs[abi].Put(line);
        Fresh.Add(fileName);
        if (!Changed.TryGetValue(abi, out var changed))
            Changed.Add(abi, changed = []);
        changed.Add(manifest.Name);
    }

    /// <summary>pkg finds packages by name, by origin, and by the libraries and features that they provide.</summary>
    private string? WhyNotNames(string abi, PackageManifest manifest, PublishableBuild build)
    {
        if (rules.WhyNot(abi, manifest.Name, build) is { } reason)
            return reason;
        foreach (var field in (string[])["provides", "conflicts"])
        {
            if (rules.WhyNotOver(abi, manifest.Name, field, manifest.List(field).Select(value => value.Split('~')[0]), build) is { } over)
                return over;
        }
        if (manifest.IsVital && rules.WhyNotEssential(manifest.Name, "vital") is { } vital)
            return vital;
        return rules.AreEnforced ? Catalogs[abi].WhyNotBeside(manifest, build.Job.Value) : null;
    }
}
