using Builder.Analysis.Values;

namespace Builder.Storage.Packing;

/// <summary>How a content is stored.</summary>
/// <param name="Object">The packed form, a zstd frame or a patch; null where packing saves nothing.</param>
/// <param name="Base">The content that the packed form is a patch of; null where it stands alone.</param>
/// <param name="Depth">How many patches it takes to make the content.</param>
/// <param name="Size">Of the content, in bytes.</param>
/// <param name="PackedSize">Of the packed form, in bytes.</param>
/// <param name="IsWhole">The content itself is there, too.</param>
internal sealed record PackedContent(
    Sha256Digest Digest,
    Sha256Digest? Object,
    Sha256Digest? Base,
    int Depth,
    long Size,
    long PackedSize,
    bool IsWhole
)
{
    /// <summary>More patches in a row make reading slow, and a damaged one costs more contents.</summary>
    public const int MaxDepth = 4;
}
