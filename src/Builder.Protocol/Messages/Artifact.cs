using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>A small file that a build left, held in memory. Large ones are streamed.</summary>
public sealed record Artifact(ArtifactPath Path, ReadOnlyMemory<byte> Data)
{
    public bool Equals(Artifact? other) => other is not null && Path == other.Path && Data.Span.SequenceEqual(other.Data.Span);

    public override int GetHashCode() => HashCode.Combine(Path, Data.Length);
}
