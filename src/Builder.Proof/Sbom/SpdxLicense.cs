using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Builder.Proof.Sbom;

/// <summary>Licences as SPDX 2.3 writes them: several of one package hold together, and what is not on the list gets a reference of its own.</summary>
internal static class SpdxLicense
{
    public static string All(ImmutableArray<SbomLicense> licenses)
    {
        if (licenses.IsEmpty)
            return "NOASSERTION";
        var texts = licenses.Select(license => Text(license, isAlone: licenses.Length == 1)).Distinct(StringComparer.Ordinal);
        return string.Join(" AND ", texts);
    }

    /// <summary><c>LicenseRef-…</c> of a licence that SPDX does not know; the same text has the same.</summary>
    public static string Reference(SbomLicense license) =>
        $"LicenseRef-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(license.Written)).AsSpan(0, 8))}";

    private static string Text(SbomLicense license, bool isAlone) =>
        license.Expression switch
        {
            null => Reference(license),
            { IsCompound: true, Text: var text } when !isAlone => $"({text})",
            { Text: var text } => text,
        };
}
