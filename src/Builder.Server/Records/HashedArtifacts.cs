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
    /// <param name="inputs">Learns of each what it wants to know.</param>
    public static ArtifactSource Of(ArtifactSource artifacts, ArtifactListDigest list, RecordedInputs inputs) =>
        artifacts with
        {
            Items = HashAsync(artifacts.Items, list, inputs),
        };

    private static async IAsyncEnumerable<ArtifactContent> HashAsync(
        IAsyncEnumerable<ArtifactContent> items,
        ArtifactListDigest list,
        RecordedInputs inputs,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var content = inputs.Begin(item.Path, item.Length) is { } copy ? new CopyingStream(item.Content, copy) : item.Content;
            yield return new ArtifactContent(item.Path, item.Length, new HashingStream(content, hash));
            var digest = Sha256Digest.FromBytes(hash.GetHashAndReset());
            list.Add(item.Path.Bytes.Span, item.Length, digest);
            inputs.End(item.Path, item.Length, digest);
        }
    }
}
