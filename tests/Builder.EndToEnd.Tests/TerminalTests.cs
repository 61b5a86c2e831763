using System.Diagnostics;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>The program on a real terminal (a pty of <c>script</c>), and into a pipe.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string Clipboard = "\u001b]52;c;cm0gLXJmIC8=\u0007";

    private static readonly Exec Build = new(
        new ScriptJob(ByteString.FromUtf8("hello"), ByteString.FromUtf8("debian-12"), ByteString.FromUtf8($"echo {Clipboard}\n")),
        BuildUuid.Parse("b92c500e-03fc-44d9-95de-50e5e6f91479"),
        [new ConsoleLine(1_000_000, ByteString.FromUtf8($"\u001b[32mgreen\u001b[0m {Clipboard} \u202Egpj.exe \u009b2J"))],
        Timestamp.From(new DateTimeOffset(2026, 11, 22, 16, 0, 0, TimeSpan.Zero)),
        Timestamp.From(new DateTimeOffset(2026, 11, 22, 16, 0, 3, TimeSpan.Zero)),
        new ExecutionResult.Exited(0),
        [new Artifact(ArtifactPath.Parse("bin/rtl\u202Egpj.exe"), "artifact\n"u8.ToArray())]
    );

    private readonly TemporaryDirectory directory = new();

    [Fact]
    public async Task A_console_on_a_terminal_keeps_its_colours_and_shows_what_would_steer_it()
    {
        var shown = await OnTerminalAsync("--console");

        Assert.Contains(
            "\u001b[32mgreen\u001b[0m \\u001b]52;c;cm0gLXJmIC8=\\u0007 \\u202egpj.exe \\u009b2J",
            shown,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_script_and_a_summary_on_a_terminal_show_what_would_steer_it()
    {
        Assert.Contains("echo \\u001b]52;c;cm0gLXJmIC8=\\u0007", await OnTerminalAsync("--script"), StringComparison.Ordinal);
        Assert.Contains("bin/rtl\\u202egpj.exe", await OnTerminalAsync(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Into_a_pipe_a_console_keeps_its_bytes()
    {
        await WriteAsync();
        var (_, output) = await BuilderProcess.RunAsync(["inspect", directory["build"], "--console"]);

        Assert.Contains($"\u001b[32mgreen\u001b[0m {Clipboard} \u202Egpj.exe \u009b2J", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_in_an_error_cannot_steer_a_terminal()
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["elf", directory[$"no{Clipboard}\u202Eelf"]]);

        Assert.Equal(1, exitCode);
        Assert.Contains("no\\u001b]52;c;cm0gLXJmIC8=\\u0007\\u202eelf", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("opam parse", "opam-version: \"2.0\"\n", "opam file, 1 fields")]
    [InlineData("elf", "no elf", "bytes are too few for an ELF header")]
    [InlineData("viz treemap", "no elf", "bytes are too few for an ELF header")]
    [InlineData("viz dependencies", "roots: \"a.1\"\n", "Dependencies of a")]
    [InlineData("inspect", "3", "at byte 0")]
    public async Task A_file_whose_name_is_not_UTF8_is_opened(string command, string content, string expected)
    {
        await File.WriteAllTextAsync(directory["content"], content, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, WorkingDirectory = directory.Path };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            $"name=$(printf 'lat\\351'); mv content \"$name\"; '{BuilderProcess.Executable}' {command} \"$name\" 2>&1; rm \"$name\""
        );
        using var shell = Process.Start(start)!;
        var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    public void Dispose() => directory.Dispose();

    private async Task<string> OnTerminalAsync(string option)
    {
        await WriteAsync();
        Requirement.Programs("script");
        var start = new ProcessStartInfo("script") { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.ArgumentList.Add("--quiet");
        start.ArgumentList.Add("--command");
        start.ArgumentList.Add($"'{BuilderProcess.Executable}' inspect '{directory["build"]}' {option}");
        start.ArgumentList.Add("/dev/null");
        using var script = Process.Start(start)!;
        var output = await script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }

    private Task WriteAsync() =>
        File.WriteAllBytesAsync(directory["build"], ExecCodec.Encode(Build), TestContext.Current.CancellationToken);
}
