using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Builder.Publishing.Attestation;

/// <summary>Messages over the signer's socket: a length of four bytes, big endian, then JSON. One request and one answer a connection at a time.</summary>
internal static class SignerProtocol
{
    /// <summary>Builds in a request.</summary>
    public const int MaxBuilds = 64;

    /// <summary>Of a message, in bytes.</summary>
    public const int MaxMessage = 64 << 20;

    /// <summary>An answer that has so many bytes of statements leaves the rest for the next request.</summary>
    public const int MaxStatements = 16 << 20;

    public static async Task SendAsync<T>(Stream stream, T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, type);
        if (json.Length > MaxMessage)
            throw new IOException($"a message of {json.Length} bytes is too long");
        var head = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(head, json.Length);
        await stream.WriteAsync(head, cancellationToken);
        await stream.WriteAsync(json, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <returns>Null at the end of the connection.</returns>
    /// <exception cref="IOException">The connection broke, or what came is no message.</exception>
    public static async Task<T?> ReceiveAsync<T>(Stream stream, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var head = new byte[sizeof(int)];
        var count = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (count == 0)
            return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        if (count < head.Length || length is < 2 or > MaxMessage)
            throw new IOException($"a message of {length} bytes is none of the signer's");
        using var content = new MemoryStream();
        var buffer = new byte[Math.Min(length, 1 << 16)];
        while (content.Length < length)
        {
            var wanted = (int)Math.Min(buffer.Length, length - content.Length);
            await stream.ReadExactlyAsync(buffer.AsMemory(0, wanted), cancellationToken);
            content.Write(buffer, 0, wanted);
        }
        try
        {
            return JsonSerializer.Deserialize(content.GetBuffer().AsSpan(0, length), type)
                ?? throw new IOException("a message of the signer is null");
        }
        catch (JsonException exception)
        {
            throw new IOException($"a message of the signer cannot be read: {exception.Message}", exception);
        }
    }
}
