using System.Text.Json.Nodes;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Testing;

namespace Builder.Protocol.Tests.Messages;

/// <summary>Conversations of the original programs, as they went over the wire.</summary>
public sealed class TranscriptTests
{
    public static TheoryData<string> Conversations => [.. Vectors.Files("transcripts", "*.json")];

    [Theory]
    [MemberData(nameof(Conversations))]
    public void Every_frame_decodes_to_its_value_and_encodes_to_the_same_bytes(string file)
    {
        var frames = Frames(file).ToList();
        Assert.NotEmpty(frames);
        foreach (var frame in frames)
        {
            var bytes = Convert.FromBase64String(frame["frame_b64"]!.GetValue<string>());
            var command = CommandCodec.Decode(bytes.AsMemory(8));
            Assert.Equal(bytes, FrameWriter.Encode(command).ToArray());
            var decoded = ProtocolValue.Decode("cmd", bytes[8..]);
            Assert.Equal(frame["decoded"]!.ToJsonString(), JsonNode.Parse(decoded.ToJson())!.ToJsonString());
        }
    }

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task Frames_that_come_in_one_after_the_other_are_told_apart(string file)
    {
        var frames = Frames(file).Select(frame => Convert.FromBase64String(frame["frame_b64"]!.GetValue<string>())).ToList();
        using var stream = new MemoryStream([.. frames.SelectMany(frame => frame)]);
        var reader = new FrameReader(stream, FrameLimits.Default, TimeProvider.System);
        foreach (var frame in frames)
        {
            var command = await reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(frame, FrameWriter.Encode(command!).ToArray());
        }
        Assert.Null(await reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    private static IEnumerable<JsonObject> Frames(string file) =>
        from connection in JsonNode.Parse(Vectors.ReadText(file))!["connections"]!.AsArray()
        from frame in connection!["events"]!.AsArray()
        where frame!["frame_b64"] is not null
        select frame!.AsObject();
}
