using System.Buffers;
using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Streaming;

namespace Builder.Protocol.Json;

/// <summary>A build as JSON while it is read, so that neither its console nor its artifacts are held.</summary>
public static class StreamedJson
{
    private const int PieceSize = 48 << 10;

    /// <exception cref="ProtocolException">Not a finished build; what was written until then is not complete.</exception>
    public static async Task WriteExecAsync(Utf8JsonWriter json, ExecReader exec, CancellationToken cancellationToken)
    {
        var head = await exec.ReadHeadAsync(cancellationToken);
        json.WriteStartObject();
        ProtocolJson.WriteHead(json, head.Job, head.Uuid);
        json.WriteStartArray("console");
        var console = await exec.ReadConsoleAsync(cancellationToken);
        await foreach (var line in console.NewestFirst.WithCancellation(cancellationToken))
        {
            ProtocolJson.Write(json, line);
            await FlushWhenLongAsync(json, cancellationToken);
        }
        json.WriteEndArray();
        var tail = await exec.ReadTailAsync(cancellationToken);
        ProtocolJson.WriteTimesAndResult(json, tail.Started, tail.Finished, tail.Result);
        json.WriteStartArray("output");
        var artifacts = await exec.ReadArtifactsAsync(cancellationToken);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellationToken))
            await WriteArtifactAsync(json, artifact, cancellationToken);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private static async Task WriteArtifactAsync(Utf8JsonWriter json, ArtifactContent artifact, CancellationToken cancellationToken)
    {
        json.WriteStartObject();
        json.WritePropertyName("path");
        ProtocolJson.WriteText(json, artifact.PathAsWritten);
        json.WriteStartObject("data");
        json.WritePropertyName("b64");
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            int count;
            while ((count = await artifact.Content.ReadAsync(buffer.AsMemory(0, PieceSize), cancellationToken)) > 0)
            {
                json.WriteBase64StringSegment(buffer.AsSpan(0, count), isFinalSegment: false);
                await FlushWhenLongAsync(json, cancellationToken);
            }
            json.WriteBase64StringSegment([], isFinalSegment: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static async ValueTask FlushWhenLongAsync(Utf8JsonWriter json, CancellationToken cancellationToken)
    {
        if (json.BytesPending >= PieceSize)
            await json.FlushAsync(cancellationToken);
    }
}
