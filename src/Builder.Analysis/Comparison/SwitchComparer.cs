using System.Collections.Immutable;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Comparison;

/// <summary>Compares two switch exports.</summary>
public static class SwitchComparer
{
    /// <summary>Values of an opam file that is printed for a diff; the largest opam file seen has two thousand.</summary>
    private const int LargestFile = 20_000;

    /// <summary>Characters of all diffs together. Whoever needs more must look at the exports themselves.</summary>
    private const int LargestDiffs = 4_000_000;

    private const string TooLarge = "(too large to be shown line by line)";

    public static OpamComparison Compare(SwitchExport left, SwitchExport right)
    {
        var (leftVersions, rightVersions) = (Versions(left), Versions(right));
        var versions = ImmutableArray.CreateBuilder<VersionChange>();
        var changed = ImmutableArray.CreateBuilder<OpamFileChange>();
        var room = LargestDiffs;
        foreach (var package in left.Installed)
        {
            if (!rightVersions.TryGetValue(package.Name, out var other))
                continue;
            if (PackageVersion.Compare(package.Version.Span, other.Span) != 0)
                versions.Add(new VersionChange(package.Name.ToString(), package.Version.ToString(), other.ToString()));
            else if (CompareFiles(package, left, right, ref room) is { } change)
                changed.Add(change);
        }
        var comparison = new OpamComparison(
            Only(left.Installed, rightVersions),
            Only(right.Installed, leftVersions),
            versions.DrainToImmutable(),
            changed.DrainToImmutable(),
            Duniverse.Compare(left, right)
        );
        return comparison with { Roots = RootComparer.Compare(left, right, comparison) };
    }

    private static Dictionary<OpamText, OpamText> Versions(SwitchExport export)
    {
        var versions = new Dictionary<OpamText, OpamText>();
        foreach (var package in export.Installed)
            versions.TryAdd(package.Name, package.Version);
        return versions;
    }

    private static ImmutableArray<NamedVersion> Only(ImmutableArray<PackageId> packages, Dictionary<OpamText, OpamText> others) =>
        [
            .. packages
                .Where(package => !others.ContainsKey(package.Name))
                .Select(package => new NamedVersion(package.Name.ToString(), package.Version.ToString())),
        ];

    // A package whose opam file only one side carries differs by all of it.
    private static OpamFileChange? CompareFiles(PackageId package, SwitchExport left, SwitchExport right, ref int room)
    {
        var leftFile = left.Packages.GetValueOrDefault(package.Name);
        var rightFile = right.Packages.GetValueOrDefault(package.Name);
        if (leftFile is null && rightFile is null)
            return null;
        if (leftFile is not null && rightFile is not null && leftFile.Items.AsSpan().SequenceEqual(rightFile.Items.AsSpan()))
            return null;
        var name = package.Name.ToString();
        var diff = Diff(package.Name, leftFile, rightFile);
        if (diff.Length > room)
            diff = TooLarge;
        room -= diff.Length;
        var isEqual = leftFile is not null && rightFile is not null && EffectiveForm.AreEqual(leftFile, rightFile);
        return diff.Length == 0 && isEqual ? null : new OpamFileChange(name, package.Version.ToString(), isEqual, diff);
    }

    private static string Diff(OpamText name, OpamPackage? left, OpamPackage? right)
    {
        if (left?.Size > LargestFile || right?.Size > LargestFile)
            return TooLarge;
        return UnifiedDiff.Create(left?.Print(name) ?? default, right?.Print(name) ?? default, $"left/{name}/opam", $"right/{name}/opam");
    }
}
