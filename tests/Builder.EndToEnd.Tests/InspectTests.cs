using System.Text.Json.Nodes;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

public sealed class InspectTests : IDisposable
{
    private static readonly Exec Build = new(
        new ScriptJob(ByteString.FromUtf8("hello"), ByteString.FromUtf8("debian-12"), ByteString.FromUtf8("echo hello\n")),
        BuildUuid.Parse("b92c500e-03fc-44d9-95de-50e5e6f91479"),
        [new ConsoleLine(2_000_000_000, ByteString.FromUtf8("second")), new ConsoleLine(1_000_000, ByteString.FromUtf8("first"))],
        Timestamp.From(new DateTimeOffset(2026, 11, 22, 16, 0, 0, TimeSpan.Zero)),
        Timestamp.From(new DateTimeOffset(2026, 11, 22, 16, 0, 3, TimeSpan.Zero)),
        new ExecutionResult.Signalled(-7),
        [
            new Artifact(ArtifactPath.Parse("bin/deep/a.txt"), "artifact\n"u8.ToArray()),
            new Artifact(ArtifactPath.Parse("empty"), Array.Empty<byte>()),
        ]
    );

    private readonly TemporaryDirectory directory = new();

    [Fact]
    public async Task A_summary_says_what_the_build_was()
    {
        var (exitCode, output) = await InspectAsync(ExecCodec.Encode(Build));

        Assert.Equal(0, exitCode);
        Assert.Contains("job:       hello", output, StringComparison.Ordinal);
        Assert.Contains("result:    killed by signal 9 (SIGKILL)", output, StringComparison.Ordinal);
        Assert.Contains("in all:    2 files, 9 bytes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_is_shown_oldest_line_first()
    {
        var (_, output) = await InspectAsync(ExecCodec.Encode(Build), "--console");

        Assert.Equal("     0.001  first\n     2.000  second", output);
    }

    [Fact]
    public async Task Json_holds_all_of_it()
    {
        var (exitCode, output) = await InspectAsync(ExecCodec.Encode(Build), "--json");

        Assert.Equal(0, exitCode);
        var json = JsonNode.Parse(output)!;
        Assert.Equal("2026-11-22T16:00:03.000000000000Z", json["finished"]!.GetValue<string>());
        Assert.Equal("YXJ0aWZhY3QK", json["output"]![0]!["data"]!["b64"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_bad_file_is_named_with_place_and_reason_and_nothing_is_written()
    {
        var (exitCode, output) = await InspectAsync(ExecCodec.Encode(Build)[..^3], "--json", "--output", directory["out"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("exec.output", output, StringComparison.Ordinal);
        Assert.Contains("the file ends here", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory["out"]));
    }

    [Fact]
    public async Task Artifacts_are_extracted_and_an_existing_file_is_never_overwritten()
    {
        var (exitCode, _) = await InspectAsync(ExecCodec.Encode(Build), "--output", directory["out"]);
        Assert.Equal(0, exitCode);
        Assert.Equal("artifact\n", await File.ReadAllTextAsync(directory["out/bin/deep/a.txt"], TestContext.Current.CancellationToken));
        Assert.Equal(0, new FileInfo(directory["out/empty"]).Length);

        var (again, output) = await InspectAsync(ExecCodec.Encode(Build), "--output", directory["out"]);
        Assert.Equal(1, again);
        Assert.Contains("out/bin/deep/a.txt: cannot be created", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_symbolic_link_in_the_way_is_not_followed()
    {
        Directory.CreateDirectory(directory["elsewhere/deep"]);
        Directory.CreateDirectory(directory["out"]);
        File.CreateSymbolicLink(directory["out/bin"], directory["elsewhere"]);
        File.CreateSymbolicLink(directory["out/empty"], directory["elsewhere/empty"]);

        var (exitCode, _) = await InspectAsync(ExecCodec.Encode(Build), "--output", directory["out"]);
        Assert.Equal(1, exitCode);
        var (second, _) = await InspectAsync(ExecCodec.Encode(Build with { Output = [Build.Output[1]] }), "--output", directory["out"]);
        Assert.Equal(1, second);
        Assert.Empty(Directory.EnumerateFiles(directory["elsewhere"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Paths_that_lead_out_are_refused_before_anything_is_extracted()
    {
        var bytes = ExecCodec.Encode(Build);
        var path = bytes.AsSpan().IndexOf("bin/deep/a.txt"u8);
        "../../../x.txt"u8.CopyTo(bytes.AsSpan(path));

        var (exitCode, output) = await InspectAsync(bytes, "--output", directory["a/b/c/out"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("artifact path \"../../../x.txt\"", output, StringComparison.Ordinal);
        Assert.Equal([directory["build"]], Directory.EnumerateFileSystemEntries(directory.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Reencoding_gives_the_canonical_bytes()
    {
        var (exitCode, _) = await InspectAsync(ExecCodec.Encode(Build), "--reencode", directory["copy"]);

        Assert.Equal(0, exitCode);
        Assert.Equal(ExecCodec.Encode(Build), await File.ReadAllBytesAsync(directory["copy"], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("cmd", "A00DCAFE")]
    [InlineData("state", "3100")]
    public async Task Other_kinds_are_checked_too(string kind, string hexadecimal)
    {
        var (exitCode, output) = await InspectAsync(Convert.FromHexString(hexadecimal), "--kind", kind, "--json");

        Assert.Equal(1, exitCode);
        Assert.Contains("at byte 0", output, StringComparison.Ordinal);
    }

    public void Dispose() => directory.Dispose();

    private async Task<(int ExitCode, string Output)> InspectAsync(byte[] file, params string[] options)
    {
        await File.WriteAllBytesAsync(directory["build"], file, TestContext.Current.CancellationToken);
        return await BuilderProcess.RunAsync(["inspect", directory["build"], .. options]);
    }
}
