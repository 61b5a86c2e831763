using System.Text;
using System.Text.Json;
using Builder.Protocol.Json;
using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;

namespace Builder.Protocol.Tests.Messages;

/// <summary>A decoded message, build or state file.</summary>
internal sealed record ProtocolValue(Func<byte[]> Encode, Action<Utf8JsonWriter> Write)
{
    public static ProtocolValue Decode(string kind, byte[] bytes)
    {
        switch (kind)
        {
            case "cmd":
                var command = CommandCodec.Decode(bytes);
                return new ProtocolValue(() => CommandCodec.Encode(command), json => ProtocolJson.Write(json, command));
            case "exec":
                var exec = ExecCodec.Decode(bytes);
                return new ProtocolValue(() => ExecCodec.Encode(exec), json => ProtocolJson.Write(json, exec));
            default:
                var state = StateFile.Decode(bytes);
                return new ProtocolValue(() => StateFile.Encode(state), json => ProtocolJson.Write(json, state));
        }
    }

    public string ToJson()
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
            Write(json);
        return Encoding.UTF8.GetString(memory.ToArray());
    }
}
