using Builder.Protocol.Values;

namespace Builder.Protocol.Streaming;

/// <summary>A file that is to be sent, opened when its turn comes.</summary>
/// <param name="Length">As it stands now. What the file grows by later is not sent; should it shrink, sending it fails.</param>
public sealed record ArtifactFile(ArtifactPath Path, long Length, Func<CancellationToken, ValueTask<Stream>> OpenAsync);
