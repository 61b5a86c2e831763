using System.Buffers.Binary;
using System.Net.Sockets;
using Builder.Publishing.Files;

namespace Builder.Publishing.Signing;

/// <summary>Asks <c>builder repo signer</c>, which runs as another user and alone can read the keys.</summary>
public sealed class SocketSigner(string socketPath) : ISigner
{
    internal const int LargestContent = 64 << 20;

    public async Task<byte[]> SignAsync(SignatureKind kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
            await using var stream = new NetworkStream(socket);
            await SendAsync(stream, (byte)kind, content, cancellationToken);
            var (status, answer) = await ReceiveAsync(stream, cancellationToken);
            return status == 0
                ? answer
                : throw new RepositoryException($"the signer at {socketPath} refused: {System.Text.Encoding.UTF8.GetString(answer)}");
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new RepositoryException($"no signer answers at {socketPath} ({exception.Message}): start builder repo signer", exception);
        }
    }

    /// <summary>A message either way: one byte, a length of four, content.</summary>
    internal static async Task SendAsync(Stream stream, byte kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var head = new byte[5];
        head[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), content.Length);
        await stream.WriteAsync(head, cancellationToken);
        await stream.WriteAsync(content, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    internal static async Task<(byte Kind, byte[] Content)> ReceiveAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[5];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1));
        if (length is < 0 or > LargestContent)
            throw new IOException($"a message of {length} bytes is too long");
        using var content = new MemoryStream();
        var buffer = new byte[Math.Min(length, 1 << 16)];
        while (content.Length < length)
        {
            var wanted = (int)Math.Min(buffer.Length, length - content.Length);
            await stream.ReadExactlyAsync(buffer.AsMemory(0, wanted), cancellationToken);
            content.Write(buffer.AsSpan(0, wanted));
        }
        return (head[0], content.ToArray());
    }
}
