using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;

namespace Builder.Fuzz.Targets;

/// <summary>A build: the reader that holds it and the one that streams it take and refuse the same, and agree on the value.</summary>
internal static class ExecTarget
{
    public static FuzzTarget Create() => new("exec", RunAsync);

    private static async Task RunAsync(byte[] input)
    {
        byte[]? held = null;
        string? refusal = null;
        try
        {
            held = ExecCodec.Encode(ExecCodec.Decode(input));
        }
        catch (ProtocolException exception)
        {
            refusal = exception.Message;
        }
        try
        {
            var streamed = await CopyAsync(input, ExecLimits.Default);
            if (held is null)
                throw new InvalidDataException($"only the streaming reader takes it; the other says: {refusal}");
            Expect.Same(held, streamed);
        }
        catch (ProtocolException exception) when (held is not null)
        {
            throw new InvalidDataException("only the streaming reader refuses it", exception);
        }
        catch (ProtocolException)
        {
            // Both refuse it. For looking into, it may still be taken.
            await CopyForInspectionAsync(input);
        }
    }

    private static async Task CopyForInspectionAsync(byte[] input)
    {
        try
        {
            await CopyAsync(input, ExecLimits.Default with { Paths = ArtifactPaths.AsWritten });
        }
        catch (ProtocolException)
        {
            return;
        }
    }

    private static async Task<byte[]> CopyAsync(byte[] input, ExecLimits limits)
    {
        var reader = new ExecReader(new MemoryStream(input), limits);
        var head = await reader.ReadHeadAsync(CancellationToken.None);
        var console = await reader.ReadConsoleAsync(CancellationToken.None);
        var lines = new List<ConsoleLine>();
        await foreach (var line in console.NewestFirst)
            lines.Add(line);
        var tail = await reader.ReadTailAsync(CancellationToken.None);
        var artifacts = await reader.ReadArtifactsAsync(CancellationToken.None);
        using var copy = new MemoryStream();
        await ExecWriter.WriteAsync(copy, head, ConsoleSource.From(lines), tail, artifacts, CancellationToken.None);
        return copy.ToArray();
    }
}
