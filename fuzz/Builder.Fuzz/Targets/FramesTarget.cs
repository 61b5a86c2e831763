using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;

namespace Builder.Fuzz.Targets;

/// <summary>What a server reads from a connection: the input is framed by its true length and read to the end, results streamed.</summary>
internal static class FramesTarget
{
    public static FuzzTarget Create() => new("frames", RunAsync);

    private static async Task RunAsync(byte[] input)
    {
        byte[] framed = [.. BitConverter.GetBytes((long)input.Length).Reverse(), .. input];
        var streamed = await IsTakenAsync(framed);
        if (streamed != IsTakenWhole(input))
            throw new InvalidDataException($"streamed it is {(streamed ? "taken" : "refused")}, held in memory it is not");
        await IsTakenAsync(input);
    }

    private static async Task<bool> IsTakenAsync(byte[] bytes)
    {
        var reader = new FrameReader(new MemoryStream(bytes), FrameLimits.Default, TimeProvider.System);
        try
        {
            while (await reader.ReadNextAsync(CancellationToken.None) is { } incoming)
            {
                if (incoming is not Incoming.Result(var job))
                    continue;
                await foreach (var artifact in job.Artifacts.Items)
                    await artifact.Content.CopyToAsync(Stream.Null);
            }
            return true;
        }
        catch (ProtocolException)
        {
            return false;
        }
    }

    private static bool IsTakenWhole(byte[] body)
    {
        try
        {
            CommandCodec.Decode(body);
            return true;
        }
        catch (ProtocolException)
        {
            return false;
        }
    }
}
