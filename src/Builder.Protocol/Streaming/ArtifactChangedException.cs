using Builder.Protocol.Values;

namespace Builder.Protocol.Streaming;

/// <summary>A file became shorter than its announced length while it was sent. What was begun cannot be completed.</summary>
public sealed class ArtifactChangedException(ByteString path, long announced, long found)
    : IOException($"\"{path}\" changed while it was read: it had {announced} bytes and now ends after {found}");
