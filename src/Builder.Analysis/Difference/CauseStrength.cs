namespace Builder.Analysis.Difference;

/// <summary>How much a cause explains. What is inside a file counts more than what an archive says about it.</summary>
public static class CauseStrength
{
    public const int Code = 100;
    public const int OneSide = 90;
    public const int Content = 80;
    public const int BuildPath = 78;
    public const int Random = 76;
    public const int Ordering = 70;

    /// <summary>Bytes that differ without a known reason.</summary>
    public const int Unknown = 65;

    public const int Metadata = 60;
    public const int DirectoryMetadata = 58;
    public const int Ownership = 55;

    /// <summary>Headers around the archive that holds the files: gzip, the members of a .deb.</summary>
    public const int Envelope = 50;

    public const int Compression = 40;

    /// <summary>What only repeats another difference, such as a checksum: no cause where there is another.</summary>
    public const int Follower = 5;

    public static int Of(CauseKind kind) =>
        kind switch
        {
            CauseKind.Code => Code,
            CauseKind.Timestamp => Content,
            CauseKind.BuildPath => BuildPath,
            CauseKind.Random or CauseKind.Host or CauseKind.Locale => Random,
            CauseKind.Ordering => Ordering,
            CauseKind.FileMetadata => Ownership,
            CauseKind.Compression => Compression,
            _ => Unknown,
        };
}
