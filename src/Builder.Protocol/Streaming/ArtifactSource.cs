using System.Runtime.CompilerServices;
using Builder.Protocol.Der;

namespace Builder.Protocol.Streaming;

/// <summary>
/// The files of a build, one after the other, to be gone through once. DER has lengths in front, so the encoded length of
/// all of them is known before the first is opened.
/// </summary>
/// <param name="ContentLength">Of the encoded list, without its own header.</param>
public sealed record ArtifactSource(long ContentLength, IAsyncEnumerable<ArtifactContent> Items)
{
    public static ArtifactSource Empty { get; } = From([]);

    /// <summary>Files that are opened when their turn comes.</summary>
    public static ArtifactSource From(IReadOnlyCollection<ArtifactFile> files) =>
        new(files.Sum(file => DerSize.OfElement(EncodedLength(file.Path.Bytes.Length, file.Length))), OpenAsync(files));

    internal static long EncodedLength(long pathLength, long contentLength) =>
        checked(DerSize.OfElement(pathLength) + DerSize.OfElement(contentLength));

    private static async IAsyncEnumerable<ArtifactContent> OpenAsync(
        IReadOnlyCollection<ArtifactFile> files,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        foreach (var file in files)
        {
            await using var content = await file.OpenAsync(cancellationToken);
            yield return new ArtifactContent(file.Path, file.Length, content);
        }
    }
}
