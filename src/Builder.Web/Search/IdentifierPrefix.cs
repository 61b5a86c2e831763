using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Web.Search;

/// <summary>
/// What begins with the same digits, of the SHA-256 of files and of the uuids of builds: pages show the first digits of a hash, and people tell each other no more.
/// </summary>
/// <param name="Hashes">The first and the last that begin so; null where none can.</param>
/// <param name="Uuids">The first and the last that begin so; null where none can.</param>
internal sealed record IdentifierPrefix((Sha256Digest First, Sha256Digest Last)? Hashes, (BuildUuid First, BuildUuid Last)? Uuids)
{
    /// <summary>Fewer digits would be found everywhere.</summary>
    private const int FewestDigits = 6;

    private const string FirstUuid = "00000000-0000-0000-0000-000000000000";
    private const string LastUuid = "ffffffff-ffff-ffff-ffff-ffffffffffff";

    /// <summary>Null where nothing begins so. What a page shows in place of the other digits may follow.</summary>
    public static IdentifierPrefix? Parse(string text)
    {
        var digits = text.TrimEnd('.', '…');
        if (digits.Length < FewestDigits)
            return null;
        const int HashLength = 2 * Sha256Digest.SizeInBytes;
        (Sha256Digest, Sha256Digest)? hashes =
            Sha256Digest.TryParse(digits.PadRight(HashLength, '0'), out var firstHash)
            && Sha256Digest.TryParse(digits.PadRight(HashLength, 'f'), out var lastHash)
                ? (firstHash, lastHash)
                : null;
        (BuildUuid, BuildUuid)? uuids =
            digits.Length <= FirstUuid.Length
            && BuildUuid.TryParse(digits + FirstUuid[digits.Length..], out var firstUuid)
            && BuildUuid.TryParse(digits + LastUuid[digits.Length..], out var lastUuid)
                ? (firstUuid, lastUuid)
                : null;
        return hashes is null && uuids is null ? null : new IdentifierPrefix(hashes, uuids);
    }
}
