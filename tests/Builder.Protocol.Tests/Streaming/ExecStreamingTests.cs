using System.Text.Json.Nodes;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.Protocol.Tests.Streaming;

public sealed class ExecStreamingTests
{
    private static readonly JsonObject[] Manifest =
    [
        .. JsonNode.Parse(Vectors.ReadText("protocol/manifest.json"))!.AsArray().Select(entry => entry!.AsObject()),
    ];

    public static TheoryData<string> Accepted => [.. Of("accept")];

    public static TheoryData<string> Refused => [.. Of("reject")];

    public static TheoryData<string> Tolerable => [.. Of("either")];

    public static TheoryData<string> FullFiles => [.. Vectors.Files("full", "*.full")];

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task An_accepted_build_has_the_value_of_the_reference_decoder(string file)
    {
        var json = await StreamedExec.ToJsonAsync(Vectors.Read($"protocol/{file}"), StreamedExec.AsWritten);
        Assert.Equal(Find(file)["value"]!.ToJsonString(), JsonNode.Parse(json)!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task An_accepted_build_is_written_again_with_its_canonical_bytes(string file)
    {
        var bytes = Vectors.Read($"protocol/{file}");
        var canonical = Find(file)["reencoded_b64"] is { } text ? Convert.FromBase64String(text.GetValue<string>()) : bytes;
        Assert.Equal(Convert.ToHexString(canonical), Convert.ToHexString(await StreamedExec.CopyAsync(bytes, StreamedExec.AsWritten)));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_refused_build_is_an_error_that_names_place_and_reason(string file)
    {
        var error = await Assert.ThrowsAsync<ProtocolException>(() =>
            StreamedExec.CopyAsync(Vectors.Read($"protocol/{file}"), StreamedExec.AsWritten)
        );
        Assert.Equal(ProtocolErrorReason.Malformed, error.Reason);
        Assert.Matches(@"^exec.*, at byte \d+: \S+", error.Message);
    }

    [Theory]
    [MemberData(nameof(Tolerable))]
    public async Task A_form_that_nobody_writes_is_read_or_refused_and_nothing_else(string file)
    {
        var outcome = await Record.ExceptionAsync(() => StreamedExec.CopyAsync(Vectors.Read($"protocol/{file}"), StreamedExec.AsWritten));
        Assert.True(outcome is null or ProtocolException, outcome?.ToString());
    }

    [Theory]
    [MemberData(nameof(FullFiles))]
    public async Task Builds_of_the_original_server_are_written_again_byte_for_byte_however_they_come_in(string file)
    {
        var bytes = Vectors.Read(file);
        foreach (var pieceSize in (int[])[1, 2, 7, int.MaxValue])
            Assert.Equal(bytes, await StreamedExec.CopyAsync(bytes, ExecLimits.Default, pieceSize));
    }

    [Theory]
    [InlineData("protocol/exec-artifacts.der")]
    [InlineData("full/hello-1.full")]
    public async Task A_build_cut_off_anywhere_is_an_error(string file)
    {
        var bytes = Vectors.Read(file);
        for (var length = 0; length < bytes.Length; length++)
            await Assert.ThrowsAsync<ProtocolException>(() => StreamedExec.CopyAsync(bytes[..length], ExecLimits.Default));
    }

    [Fact]
    public async Task A_path_that_leads_astray_is_refused_unless_the_file_is_only_looked_into()
    {
        var error = await Assert.ThrowsAsync<ProtocolException>(() =>
            StreamedExec.CopyAsync(Vectors.Read("protocol/exec-paths.der"), ExecLimits.Default)
        );
        Assert.Equal("exec.output[0].path, at byte 118: artifact path \"a/b/\" has a segment \"\"", error.Message);
    }

    [Fact]
    public async Task Parts_are_read_in_their_order()
    {
        var reader = new ExecReader(new MemoryStream(Vectors.Read("full/hello-1.full")), ExecLimits.Default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.ReadTailAsync(TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task Artifacts_that_are_not_read_are_skipped()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var reader = new ExecReader(new SlowStream(Vectors.Read("full/hello-1.full"), 3), ExecLimits.Default);
        await reader.ReadHeadAsync(cancellation);
        var console = await reader.ReadConsoleAsync(cancellation);
        Assert.Equal(6, await console.NewestFirst.CountAsync(cancellation));
        await reader.ReadTailAsync(cancellation);
        var artifacts = await reader.ReadArtifactsAsync(cancellation);
        var paths = await artifacts.Items.Select(artifact => artifact.Path.ToString()).ToListAsync(cancellation);
        Assert.Equal(["empty", "bin/deep/a.txt"], paths);
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_written_is_an_error_that_names_it()
    {
        var file = new ArtifactFile(ArtifactPath.Parse("bin/a"), 10, _ => ValueTask.FromResult<Stream>(new MemoryStream([1, 2, 3])));
        var error = await Assert.ThrowsAsync<ArtifactChangedException>(() => WriteAsync(ArtifactSource.From([file])));
        Assert.Equal("\"bin/a\" changed while it was read: it had 10 bytes and now ends after 3", error.Message);
    }

    [Fact]
    public async Task Of_a_file_that_grows_while_it_is_written_only_the_announced_bytes_are_taken()
    {
        var file = new ArtifactFile(ArtifactPath.Parse("log"), 2, _ => ValueTask.FromResult<Stream>(new MemoryStream([1, 2, 3])));
        var exec = ExecCodec.Decode(await WriteAsync(ArtifactSource.From([file])));
        Assert.Equal([1, 2], Assert.Single(exec.Output).Data.ToArray());
    }

    private static async Task<byte[]> WriteAsync(ArtifactSource artifacts)
    {
        var exec = ExecCodec.Decode(Vectors.Read("full/hello-1.full"));
        using var destination = new MemoryStream();
        await ExecWriter.WriteAsync(
            destination,
            new ExecHead(exec.Job, exec.Uuid),
            ConsoleSource.From(exec.Console),
            new ExecTail(exec.Started, exec.Finished, exec.Result),
            artifacts,
            TestContext.Current.CancellationToken
        );
        return destination.ToArray();
    }

    private static IEnumerable<string> Of(string ours) =>
        from vector in Manifest
        where vector["kind"]!.GetValue<string>() == "exec" && vector["ours"]!.GetValue<string>() == ours
        select vector["file"]!.GetValue<string>();

    private static JsonObject Find(string file) => Manifest.Single(vector => vector["file"]!.GetValue<string>() == file);
}
