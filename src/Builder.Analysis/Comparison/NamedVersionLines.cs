using System.Text;

namespace Builder.Analysis.Comparison;

/// <summary>Reads the lists of names with values that builds leave behind, a line each.</summary>
internal static class NamedVersionLines
{
    /// <summary>More are refused; the largest lists seen have some hundreds.</summary>
    public const int Most = 100_000;

    /// <summary>
    /// In the order of the names; a name that stands more than once has all its values, in their order. Null where there are too many lines.
    /// </summary>
    public static List<NamedVersion>? Read(ReadOnlySpan<byte> text, Func<string, NamedVersion> read)
    {
        var lines = text.Count((byte)'\n');
        if (lines > Most)
            return null;
        var entries = new List<NamedVersion>(lines + 1);
        var isInOrder = true;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range].TrimEnd((byte)'\r');
            if (line.IsEmpty)
                continue;
            var entry = read(Encoding.UTF8.GetString(line));
            isInOrder &= entries.Count == 0 || string.CompareOrdinal(entries[^1].Name, entry.Name) < 0;
            entries.Add(entry);
        }
        return isInOrder ? entries : InOrder(entries);
    }

    private static List<NamedVersion> InOrder(List<NamedVersion> entries)
    {
        var merged = new List<NamedVersion>(entries.Count);
        // OrderBy keeps the order of what is equal.
        foreach (var entry in entries.OrderBy(static entry => entry.Name, StringComparer.Ordinal))
        {
            if (merged.Count > 0 && merged[^1] is var last && last.Name == entry.Name)
                merged[^1] = last with { Version = $"{last.Version}, {entry.Version}" };
            else
                merged.Add(entry);
        }
        return merged;
    }

    public static NamedVersion Variable(string line) => CutAt(line, line.IndexOf('='));

    // Without '=' the version begins at the last dash with a digit behind it (pkg-config-1.8.1), else at the last dash.
    public static NamedVersion Package(string line)
    {
        if (line.IndexOf('=') is var sign and >= 0)
            return CutAt(line, sign);
        for (var dash = line.LastIndexOf('-'); dash >= 0; dash = line.LastIndexOf('-', dash - 1))
        {
            if (dash + 1 < line.Length && char.IsAsciiDigit(line[dash + 1]))
                return CutAt(line, dash);
            if (dash == 0)
                break;
        }
        return CutAt(line, line.LastIndexOf('-'));
    }

    private static NamedVersion CutAt(string line, int index) =>
        index < 0 ? new NamedVersion(line, "") : new NamedVersion(line[..index], line[(index + 1)..]);
}
