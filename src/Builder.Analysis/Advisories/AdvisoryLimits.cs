namespace Builder.Analysis.Advisories;

/// <summary>What bounds the work and memory that a stranger's advisories can cost.</summary>
public static class AdvisoryLimits
{
    public const int MaxFileLength = 4 << 20;

    /// <summary>Entries of a directory or archive: all of OSV's Debian advisories are some 60,000.</summary>
    public const int MaxFiles = 200_000;

    public const long MaxTotalLength = 2L << 30;

    public const int MaxIdLength = 100;

    public const int MaxTextLength = 1000;

    /// <summary>Packages, events and versions of one package.</summary>
    public const int MaxItems = 20_000;

    /// <summary>Comparisons of one constraint.</summary>
    public const int MaxTerms = 1000;
}
