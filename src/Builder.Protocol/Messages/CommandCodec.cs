using Builder.Protocol.Der;

namespace Builder.Protocol.Messages;

/// <summary>DER of a message that fits into memory: the body of a frame.</summary>
public static partial class CommandCodec
{
    public static byte[] Encode(Command command)
    {
        var writer = new DerWriter();
        Write(writer, command);
        return writer.ToArray();
    }

    /// <summary>The value shares memory with <paramref name="body"/>, which must not change afterwards.</summary>
    /// <exception cref="ProtocolException">Not a message; the message of the exception says where and why.</exception>
    public static Command Decode(ReadOnlyMemory<byte> body)
    {
        var reader = new DerReader(body);
        var command = Read(reader);
        reader.End();
        return command;
    }
}
