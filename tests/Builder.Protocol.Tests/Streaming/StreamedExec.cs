using System.Text;
using System.Text.Json;
using Builder.Protocol.Json;
using Builder.Protocol.Streaming;

namespace Builder.Protocol.Tests.Streaming;

/// <summary>Drives the streaming reader and writer over a file in memory.</summary>
internal static class StreamedExec
{
    public static readonly ExecLimits AsWritten = ExecLimits.Default with { Paths = ArtifactPaths.AsWritten };

    /// <summary>Reads and writes again in one pass.</summary>
    public static async Task<byte[]> CopyAsync(byte[] file, ExecLimits limits, int pieceSize = int.MaxValue)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var reader = new ExecReader(new SlowStream(file, pieceSize), limits);
        var head = await reader.ReadHeadAsync(cancellation);
        var console = await reader.ReadConsoleAsync(cancellation);
        var lines = await console.NewestFirst.ToListAsync(cancellation);
        Assert.Equal(ConsoleSource.From(lines).ContentLength, console.ContentLength);
        var tail = await reader.ReadTailAsync(cancellation);
        var artifacts = await reader.ReadArtifactsAsync(cancellation);
        using var copy = new MemoryStream();
        await ExecWriter.WriteAsync(copy, head, ConsoleSource.From(lines), tail, artifacts, cancellation);
        return copy.ToArray();
    }

    public static async Task<string> ToJsonAsync(byte[] file, ExecLimits limits)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var memory = new MemoryStream();
        await using (var json = new Utf8JsonWriter(memory))
            await StreamedJson.WriteExecAsync(json, new ExecReader(new MemoryStream(file), limits), cancellation);
        return Encoding.UTF8.GetString(memory.ToArray());
    }
}
