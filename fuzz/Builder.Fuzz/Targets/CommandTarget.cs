using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Json;
using Builder.Protocol.Messages;

namespace Builder.Fuzz.Targets;

/// <summary>The body of a frame: refused, or it encodes to bytes that stand for the same value.</summary>
internal static class CommandTarget
{
    public static FuzzTarget Create() => new("command", Run);

    private static void Run(byte[] input)
    {
        Command command;
        try
        {
            command = CommandCodec.Decode(input);
        }
        catch (ProtocolException)
        {
            return;
        }
        var canonical = CommandCodec.Encode(command);
        var again = CommandCodec.Encode(CommandCodec.Decode(canonical));
        Expect.Same(canonical, again);
        using var json = new Utf8JsonWriter(Stream.Null);
        ProtocolJson.Write(json, command);
    }
}
