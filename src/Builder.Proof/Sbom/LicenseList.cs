using System.Collections.Frozen;
using System.Text;

namespace Builder.Proof.Sbom;

/// <summary>Identifiers of the SPDX licence list, found whatever their case (SPDX 2.3 annex D.2) and given in their own.</summary>
internal static class LicenseList
{
    private static readonly Lazy<(FrozenDictionary<string, string> Licenses, FrozenDictionary<string, string> Exceptions)> Lists = new(
        Read
    );

    public static string? License(string id) => Lists.Value.Licenses.GetValueOrDefault(id);

    public static string? Exception(string id) => Lists.Value.Exceptions.GetValueOrDefault(id);

    private static (FrozenDictionary<string, string>, FrozenDictionary<string, string>) Read()
    {
        using var resource = typeof(LicenseList).Assembly.GetManifestResourceStream("spdx-licenses.txt")!;
        using var reader = new StreamReader(resource, Encoding.ASCII);
        var parts = reader.ReadToEnd().Split("\n\n");
        return (Index(parts[0]), Index(parts[1]));
    }

    private static FrozenDictionary<string, string> Index(string lines) =>
        lines
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .ToFrozenDictionary(line => line, StringComparer.OrdinalIgnoreCase);
}
