namespace Builder.Protocol.Tests.Streaming;

/// <summary>Gives its bytes in small pieces, as a network may.</summary>
internal sealed class SlowStream(byte[] bytes, int pieceSize) : MemoryStream(bytes, writable: false)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceSize)], cancellationToken);
}
