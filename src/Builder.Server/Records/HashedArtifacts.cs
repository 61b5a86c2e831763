using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Proof.Records;
using Builder.Protocol.Streaming;

namespace Builder.Server.Records;

/// <summary>Artifacts on their way to disk, hashed as they pass.</summary>
internal static class HashedArtifacts
{
    /// <param name="list">Has them all when the last one was written.</param>
    public static ArtifactSource Of(ArtifactSource artifacts, ArtifactListDigest list) =>
        artifacts with
        {
            Items = HashAsync(artifacts.Items, list),
        };

    private static async IAsyncEnumerable<ArtifactContent> HashAsync(
        IAsyncEnumerable<ArtifactContent> items,
        ArtifactListDigest list,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            yield return new ArtifactContent(item.Path, item.Length, new HashingStream(item.Content, hash));
            list.Add(item.Path.Bytes.Span, item.Length, Sha256Digest.FromBytes(hash.GetHashAndReset()));
        }
    }
}
