namespace Builder.Publishing.Archives;

/// <summary>Who is going to unpack a tar archive: readers differ in what they take.</summary>
internal enum TarDialect
{
    /// <summary>
    /// dpkg's own reader (1.21): ustar and GNU headers, no pax headers, relative names without newlines. The end mark may be missing.
    /// </summary>
    Dpkg,

    /// <summary>libarchive, which pkg uses: also pax headers and absolute names.</summary>
    Libarchive,
}
