using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Tests.Streaming;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.Protocol.Tests.Framing;

public sealed class FinishedJobTests
{
    private static readonly Command.JobFinished Sample = (Command.JobFinished)
        CommandCodec.Decode(Vectors.Read("protocol/cmd-job-finished-files.der"));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task A_result_is_handed_out_while_it_comes_in(int pieceSize)
    {
        var reader = ReaderOf([.. FrameWriter.Encode(Sample).Span, .. FrameWriter.Encode(new Command.Success()).Span], pieceSize);
        var incoming = Assert.IsType<Incoming.Result>(await reader.ReadNextAsync(Token));
        Assert.Equal((Sample.Uuid, Sample.Result), (incoming.Job.Uuid, incoming.Job.Result));
        var artifacts = new List<Artifact>();
        await foreach (var artifact in incoming.Job.Artifacts.Items.WithCancellation(Token))
        {
            using var memory = new MemoryStream();
            await artifact.Content.CopyToAsync(memory, Token);
            artifacts.Add(new Artifact(artifact.Path, memory.ToArray()));
        }
        Assert.Equal(Sample.Data, artifacts);
        Assert.Equal(new Incoming.Message(new Command.Success()), await reader.ReadNextAsync(Token));
    }

    [Fact]
    public async Task A_result_becomes_a_build_in_one_pass()
    {
        var exec = ExecCodec.Decode(Vectors.Read("protocol/exec-artifacts.der"));
        var reader = ReaderOf(FrameWriter.Encode(Sample).ToArray(), 100);
        var job = Assert.IsType<Incoming.Result>(await reader.ReadNextAsync(Token)).Job;
        using var file = new MemoryStream();
        await ExecWriter.WriteAsync(
            file,
            new ExecHead(exec.Job, job.Uuid),
            ConsoleSource.From(exec.Console),
            new ExecTail(exec.Started, exec.Finished, job.Result),
            job.Artifacts,
            Token
        );
        Assert.Equal(ExecCodec.Encode(exec with { Uuid = Sample.Uuid, Result = Sample.Result, Output = Sample.Data }), file.ToArray());
    }

    [Fact]
    public async Task A_result_is_written_with_the_bytes_of_the_message()
    {
        using var stream = new WriteCounter();
        using var writer = new FrameWriter(stream, FrameLimits.Default, TimeProvider.System);
        await writer.WriteFinishedAsync(Sample.Uuid, Sample.Result, SourceOf(Sample.Data), Token);
        Assert.Equal(FrameWriter.Encode(Sample).ToArray(), stream.ToArray());
        Assert.Equal(1, stream.Writes);
    }

    [Fact]
    public async Task Every_message_is_one_write()
    {
        using var stream = new WriteCounter();
        using var writer = new FrameWriter(stream, FrameLimits.Default, TimeProvider.System);
        await writer.WriteAsync(new Command.Failure(new ByteString(new byte[300_000])), Token);
        Assert.Equal(1, stream.Writes);
    }

    [Fact]
    public async Task The_next_message_comes_after_the_artifacts()
    {
        var reader = ReaderOf(FrameWriter.Encode(Sample).ToArray(), int.MaxValue);
        await reader.ReadNextAsync(Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.ReadNextAsync(Token).AsTask());
    }

    [Fact]
    public async Task A_result_cut_off_anywhere_is_a_lost_connection()
    {
        var frame = FrameWriter.Encode(Sample).ToArray();
        for (var length = 1; length < frame.Length; length++)
        {
            var error = await Assert.ThrowsAsync<ProtocolException>(() => DrainAsync(frame[..length]));
            Assert.Equal(ProtocolErrorReason.ConnectionLost, error.Reason);
        }
    }

    [Theory]
    [InlineData("path-dotdot.tol.der", "jobFinished.data[0].path, at byte 33: artifact path \"../../x\" has a segment \"..\"")]
    [InlineData("path-second-bad.bad.der", "jobFinished.data[1].path, at byte 42: artifact path \"\uFFFD\" holds NUL")]
    [InlineData("file-3-fields.bad.der", "jobFinished.data[0], at byte 37: 3 bytes after the last field")]
    [InlineData("file-octet-data.bad.der", "jobFinished.data[0].data, at byte 34: expected UTF8String, found OCTET STRING")]
    [InlineData("finished-no-data.bad.der", "jobFinished.data, at byte 27: missing: the bytes around it end here")]
    public async Task A_malformed_result_is_an_error_that_names_place_and_reason(string file, string message)
    {
        var body = Vectors.Read($"protocol/{file}");
        var error = await Assert.ThrowsAsync<ProtocolException>(() => DrainAsync([0, 0, 0, 0, 0, 0, 0, (byte)body.Length, .. body]));
        Assert.Equal((ProtocolErrorReason.Malformed, message), (error.Reason, error.Message));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static FrameReader ReaderOf(byte[] bytes, int pieceSize) =>
        new(new SlowStream(bytes, pieceSize), FrameLimits.Default, TimeProvider.System);

    private static async Task DrainAsync(byte[] bytes)
    {
        var incoming = Assert.IsType<Incoming.Result>(await ReaderOf(bytes, int.MaxValue).ReadNextAsync(Token));
        await foreach (var artifact in incoming.Job.Artifacts.Items.WithCancellation(Token))
            await artifact.Content.CopyToAsync(Stream.Null, Token);
    }

    private static ArtifactSource SourceOf(IReadOnlyList<Artifact> artifacts) =>
        ArtifactSource.From([
            .. artifacts.Select(artifact => new ArtifactFile(
                artifact.Path,
                artifact.Data.Length,
                _ => ValueTask.FromResult<Stream>(new MemoryStream(artifact.Data.ToArray()))
            )),
        ]);

    private sealed class WriteCounter : MemoryStream
    {
        public int Writes { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
