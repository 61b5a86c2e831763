using System.Diagnostics.CodeAnalysis;

namespace Builder.Protocol.Values;

/// <summary>Variations as text: the names that schedule files, messages and JSON have.</summary>
public static class VariationNames
{
    private static readonly (Variations Variation, string Name)[] Names =
    [
        (Variations.Time, "time"),
        (Variations.Path, "path"),
        (Variations.Hostname, "hostname"),
        (Variations.User, "user"),
        (Variations.Locale, "locale"),
        (Variations.TimeZone, "timezone"),
        (Variations.Umask, "umask"),
        (Variations.Cpus, "cpus"),
        (Variations.FileOrder, "fileorder"),
        (Variations.Kernel, "kernel"),
    ];

    public static Variations All { get; } = Names.Aggregate(Variations.None, static (all, one) => all | one.Variation);

    /// <summary>Each single one of a set, the one that most often matters first.</summary>
    public static IReadOnlyList<Variations> Each(Variations set) =>
        [.. Names.Where(one => set.HasFlag(one.Variation)).Select(static one => one.Variation)];

    /// <summary>In the order of <see cref="Each"/>.</summary>
    public static IReadOnlyList<string> Of(Variations set) =>
        [.. Names.Where(one => set.HasFlag(one.Variation)).Select(static one => one.Name)];

    /// <summary>Separated by commas; empty for none.</summary>
    public static string Write(Variations set) => string.Join(',', Of(set));

    public static bool TryParse(string name, out Variations variation)
    {
        foreach (var (known, text) in Names)
        {
            if (text == name)
            {
                variation = known;
                return true;
            }
        }
        variation = Variations.None;
        return false;
    }

    /// <summary>Reads names separated by commas, spaces around them allowed. <c>all</c> is every one, <c>none</c> or nothing is none.</summary>
    /// <param name="reason">The name that is not known, and those that are.</param>
    public static bool TryParseSet(string text, out Variations set, [NotNullWhen(false)] out string? reason)
    {
        set = Variations.None;
        reason = null;
        if (text.Trim() is "all")
        {
            set = All;
            return true;
        }
        if (text.Trim() is "none" or "")
            return true;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryParse(name, out var variation))
            {
                reason = $"variation \"{name}\" is not known; known are {Write(All).Replace(",", ", ", StringComparison.Ordinal)}";
                return false;
            }
            set |= variation;
        }
        return true;
    }

    /// <summary>Reads what another version of this program wrote: names that are not known are passed over.</summary>
    public static Variations ReadKnown(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(Variations.None, static (set, name) => TryParse(name, out var variation) ? set | variation : set);
}
