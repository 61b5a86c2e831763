using System.Text.Json.Nodes;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Worker.Tests.Conversation;

/// <summary>The original's server, as recorded, against our worker: byte for byte what the original's worker said.</summary>
public sealed class TranscriptTests
{
    [Theory]
    [InlineData("worker-job.json")]
    [InlineData("worker-job-fail.json")]
    public async Task Our_worker_says_to_the_originals_server_what_its_own_worker_said(string transcript)
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        var options = new WorkerOptions
        {
            Platform = Platform.Parse("debian-12"),
            Remote = server.Address,
            WorkDirectory = directory.Path,
        };
        var worker = new BuilderWorker(options, TimeProvider.System, NullLogger.Instance).RunAsync(TestContext.Current.CancellationToken);
        using var peer = await server.AcceptAsync();

        foreach (var step in JsonNode.Parse(Vectors.ReadText($"transcripts/{transcript}"))!["connections"]![0]!["events"]!.AsArray())
        {
            var isFromWorker = step!["dir"]!.GetValue<string>() == "to_server";
            if (step["frame_b64"] is not { } encoded)
            {
                if (isFromWorker)
                    Assert.Equal(0, await peer.Stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
                else
                    peer.Dispose();
                continue;
            }
            var frame = Convert.FromBase64String(encoded.GetValue<string>());
            if (isFromWorker)
            {
                var said = new byte[frame.Length];
                await peer.Stream.ReadExactlyAsync(said, TestContext.Current.CancellationToken);
                Assert.Equal(Convert.ToHexString(frame), Convert.ToHexString(said));
            }
            else
            {
                await peer.Stream.WriteAsync(frame, TestContext.Current.CancellationToken);
            }
        }
        await worker;
    }
}
