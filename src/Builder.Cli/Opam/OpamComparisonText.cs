using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;
using Builder.Protocol.Text;

namespace Builder.Cli.Opam;

/// <summary>A comparison of two switch exports for people: what is rare and tells most stands first, headings carry counts.</summary>
internal static class OpamComparisonText
{
    public static string Of(string leftPath, SwitchExport left, string rightPath, SwitchExport right, OpamComparison comparison)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"left   {Roots(left)}  {leftPath}\n");
        text.Append(CultureInfo.InvariantCulture, $"right  {Roots(right)}  {rightPath}\n");
        AppendOnly(text, "Only in left", comparison.OnlyLeft);
        AppendOnly(text, "Only in right", comparison.OnlyRight);
        AppendVersions(text, comparison.OtherVersion);
        AppendFiles(text, comparison.Changed);
        AppendDuniverse(text, comparison.Duniverse);
        AppendRoots(text, comparison.Roots);
        var isSame =
            comparison.OnlyLeft.Length
                + comparison.OnlyRight.Length
                + comparison.OtherVersion.Length
                + comparison.Changed.Length
                + comparison.Duniverse.Count
                == 0
            && comparison.Duniverse.Problem is null;
        if (isSame)
            text.Append(CultureInfo.InvariantCulture, $"\nNo difference: {left.Installed.Length} packages.\n");
        return VisibleText.Block(text.ToString());
    }

    private static string Roots(SwitchExport export) => export.Roots.IsEmpty ? "(no root)" : string.Join(", ", export.Roots);

    private static void AppendOnly(StringBuilder text, string heading, ImmutableArray<NamedVersion> packages)
    {
        AppendHeading(text, heading, packages.Length);
        var width = packages.Select(package => package.Name.Length).DefaultIfEmpty().Max();
        foreach (var package in packages)
            text.Append("  ").Append(package.Name.PadRight(width)).Append("  ").Append(package.Version).Append('\n');
    }

    private static void AppendVersions(StringBuilder text, ImmutableArray<VersionChange> versions)
    {
        AppendHeading(text, "Other version", versions.Length);
        var nameWidth = versions.Select(version => version.Name.Length).DefaultIfEmpty().Max();
        var leftWidth = versions.Select(version => version.Left.Length).DefaultIfEmpty().Max();
        foreach (var (name, left, right) in versions)
            text.Append("  ")
                .Append(name.PadRight(nameWidth))
                .Append("  ")
                .Append(left.PadRight(leftWidth))
                .Append(" -> ")
                .Append(right)
                .Append('\n');
    }

    private static void AppendFiles(StringBuilder text, ImmutableArray<OpamFileChange> changes)
    {
        var effective = changes.Where(change => !change.EffectivelyEqual).ToList();
        AppendHeading(text, "Same version, other opam file", effective.Count);
        foreach (var change in effective)
            text.Append(CultureInfo.InvariantCulture, $"  {change.Name}.{change.Version}\n\n{change.Diff}\n\n");
        var others = changes.Where(change => change.EffectivelyEqual).ToList();
        AppendHeading(text, "Same version, opam file differs only where it cannot matter", others.Count);
        foreach (var change in others)
            text.Append(CultureInfo.InvariantCulture, $"  {change.Name}.{change.Version}\n");
    }

    private static void AppendDuniverse(StringBuilder text, DuniverseComparison duniverse)
    {
        if (duniverse.Problem is { } problem)
            text.Append(CultureInfo.InvariantCulture, $"\n{problem}\n");
        AppendDirectories(text, "Vendored only in left", duniverse.OnlyLeft);
        AppendDirectories(text, "Vendored only in right", duniverse.OnlyRight);
        AppendHeading(text, "Vendored from another source", duniverse.Changed.Length);
        foreach (var change in duniverse.Changed)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {change.Name}\n");
            AppendChange(text, "url", change.LeftUrl, change.RightUrl);
            foreach (var hash in change.Hashes)
                AppendChange(text, hash.Kind, hash.Left ?? "none", hash.Right ?? "none");
        }
    }

    private static void AppendRoots(StringBuilder text, ImmutableArray<RootComparison> roots)
    {
        AppendHeading(text, "By root package", roots.Length);
        var width = roots.Select(root => root.Name.Length).DefaultIfEmpty().Max();
        foreach (var root in roots)
        {
            var side =
                root.Left is null ? " (a root only in right)"
                : root.Right is null ? " (a root only in left)"
                : "";
            var changed =
                root.Changed is not { } names ? "too many roots; name it with --root"
                : names.IsEmpty ? "nothing changed"
                : string.Join(", ", names);
            text.Append(CultureInfo.InvariantCulture, $"  {root.Name.PadRight(width)}  {changed}{side}\n");
        }
    }

    private static void AppendDirectories(StringBuilder text, string heading, ImmutableArray<DuniverseDirectory> directories)
    {
        AppendHeading(text, heading, directories.Length);
        var width = directories.Select(directory => directory.Name.Length).DefaultIfEmpty().Max();
        foreach (var directory in directories)
            text.Append("  ").Append(directory.Name.PadRight(width)).Append("  ").Append(directory.Url).Append('\n');
    }

    private static void AppendChange(StringBuilder text, string label, string left, string right)
    {
        if (left != right)
            text.Append(CultureInfo.InvariantCulture, $"    {label, -6} {left}\n        -> {right}\n");
    }

    private static void AppendHeading(StringBuilder text, string heading, int count)
    {
        if (count > 0)
            text.Append(CultureInfo.InvariantCulture, $"\n{heading} ({count})\n");
    }
}
