namespace Builder.Analysis.Difference.Containers;

/// <summary>Formats that pack one stream of bytes.</summary>
internal enum PackedFormat
{
    None,
    Gzip,
    Xz,
    Zstd,
    Bzip2,
    Lzma,
}
