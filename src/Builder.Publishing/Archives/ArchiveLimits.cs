namespace Builder.Publishing.Archives;

/// <summary>
/// How much memory, disk and time a package of a stranger may cost: the one place for the limits of every reader of archives,
/// manifests and control files. Sizes are in bytes.
/// </summary>
internal static class ArchiveLimits
{
    /// <summary>Files of a package when unpacked. They are read through and never written.</summary>
    public const long MaxUnpacked = 32L << 30;

    /// <summary>The control member of a Debian package when unpacked.</summary>
    public const long MaxControlMember = 64L << 20;

    /// <summary>The control file of a Debian package.</summary>
    public const int MaxControlFile = 1 << 20;

    /// <summary>A manifest of a FreeBSD package: it names every file, about 150 bytes each.</summary>
    public const int MaxManifest = 32 << 20;

    /// <summary>
    /// The dictionary (window) that xz, lzma and zstd may ask for. <c>xz -9</c> and dpkg-deb need 64 MiB at most;
    /// <c>zstd --ultra -22</c> and <c>--long</c> may need more.
    /// </summary>
    public const int MaxDictionary = 1 << MaxDictionaryLog;

    public const int MaxDictionaryLog = 26;

    /// <summary>Objects and arrays of a manifest within each other.</summary>
    public const int MaxNesting = 32;

    /// <summary>Values of all kinds in a manifest: each costs about 200 bytes of memory.</summary>
    public const int MaxValues = 500_000;

    public const int MaxArMembers = 16;

    public const int MaxTarEntries = 1_000_000;

    /// <summary>A long name, or a pax header.</summary>
    public const int MaxTarExtension = 1 << 20;

    /// <summary>What small files may always grow to: text of one kind packs well.</summary>
    private const long AlwaysUnpacked = 256L << 20;

    private const int AlwaysManifest = 1 << 20;

    /// <summary>What is packed honestly seldom shrinks to less than a hundredth.</summary>
    private const long MaxRatio = 200;

    /// <summary>How much <paramref name="packed"/> bytes may grow to, and never more than <paramref name="most"/>.</summary>
    public static long Unpacked(long packed, long most) => Math.Min(most, Math.Max(AlwaysUnpacked, packed * MaxRatio));

    /// <summary>How large a manifest may be in a package of <paramref name="packed"/> bytes: its values live in memory.</summary>
    public static int Manifest(long packed) => (int)Math.Min(MaxManifest, Math.Max(AlwaysManifest, packed * MaxRatio));
}
