using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Json;
using Builder.Protocol.StateFiles;

namespace Builder.Fuzz.Targets;

/// <summary>A state file: refused, or it encodes to bytes that stand for the same value.</summary>
internal static class StateTarget
{
    public static FuzzTarget Create() => new("state", Run);

    private static void Run(byte[] input)
    {
        IReadOnlyList<StateItem> state;
        try
        {
            state = StateFile.Decode(input);
        }
        catch (ProtocolException)
        {
            return;
        }
        var canonical = StateFile.Encode(state);
        Expect.Same(canonical, StateFile.Encode(StateFile.Decode(canonical)));
        using var json = new Utf8JsonWriter(Stream.Null);
        ProtocolJson.Write(json, state);
    }
}
