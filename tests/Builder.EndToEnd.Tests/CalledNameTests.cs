using System.Diagnostics;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

public sealed class CalledNameTests
{
    [Theory]
    [InlineData("builder-inspect", "--help", "Look into a saved build.", "<FILE> [options]")]
    [InlineData("builder-web", "--help", "Take builds in by upload, show and serve them.", "[command] [options]")]
    [InlineData("builder-db", "user-add --help", "", "user-add <NAME> [options]")]
    [InlineData("builder-client", "info --help", "", "info [options]")]
    [InlineData("orb", "build --help", "Build an opam package", "build <PACKAGE> [options]")]
    public async Task Called_under_a_name_of_the_original_it_is_that_program(
        string name,
        string arguments,
        string description,
        string usage
    )
    {
        using var directory = new TemporaryDirectory();
        var link = directory[name];
        File.CreateSymbolicLink(link, BuilderProcess.Executable);

        using var process = Process.Start(new ProcessStartInfo(link, arguments.Split(' ')) { RedirectStandardOutput = true })!;
        var help = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Contains(description, help, StringComparison.Ordinal);
        var shown = help[(help.IndexOf("Usage:", StringComparison.Ordinal) + "Usage:".Length)..].Trim().Split('\n')[0].Trim();
        Assert.Equal($"{name} {usage}", shown);
    }

    [Theory]
    [InlineData("builder-client", "", 0, "Usage:")]
    [InlineData("builder-client", "help sched", 0, "builder-client schedule")]
    [InlineData("builder-worker", "--version", 0, "")]
    [InlineData("builder-web", "-h 127.0.0.1 -p 1x", 124, "builder-web: --port \"1x\" is not a whole number from 0 to 65535")]
    [InlineData("builder-web", "--help=groff", 0, ".TH \"BUILDER\\-WEB\" 1")]
    [InlineData("builder-client", "un x", 124, "undrop-platform, unschedule")]
    [InlineData("builder-client", "info -q --color=never -r 127.0.0.1:1", 123, "127.0.0.1:1")]
    [InlineData("builder-db", "user-list --verbosity=d -d /nonexistent", 123, "/nonexistent")]
    [InlineData("builder-migrations", "migrate-2021-01-26 -d /nonexistent", 123, "there is no database yet")]
    [InlineData("orb", "rebuild /nonexistent", 2, "orb: /nonexistent has no opam-switch")]
    [InlineData("orb", "build --da 1x hello", 2, "--date \"1x\"")]
    [InlineData("builder", "reproduce http://127.0.0.1:1/job/a/build/latest", 2, "cannot download http://127.0.0.1:1/job/a/build/latest")]
    [InlineData("builder", "reproduce http://127.0.0.1:1/job/a", 2, "is not the URL of a build")]
    [InlineData("builder", "reproduce http://127.0.0.1:1/job/a/build/latest --attest", 2, "--attest needs --key FILE")]
    [InlineData("builder", "record --input /nonexistent -- true", 1, "--input /nonexistent: no such file or directory")]
    [InlineData("builder", "server --port 1x", 2, "--port")]
    [InlineData("builder", "worker --cpus x p", 2, "--cpus")]
    [InlineData("builder", "worker --sandbox x p", 2, "--sandbox")]
    [InlineData("builder", "up --workers x", 2, "--workers")]
    [InlineData("builder", "client drop-platform --verbose", 2, "unknown option --verbose")]
    [InlineData("builder", "client schedule a p /nonexistent/script", 2, "\"/nonexistent/script\": no such file")]
    [InlineData("builder", "client execute @nightly -r 127.0.0.1:1", 3, "127.0.0.1:1")]
    public async Task Exit_code_and_message_are_those_of_the_name(string name, string arguments, int exitCode, string said)
    {
        using var directory = new TemporaryDirectory();
        var link = directory[name];
        File.CreateSymbolicLink(link, BuilderProcess.Executable);

        using var process = Process.Start(
            new ProcessStartInfo(link, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)
        );
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == exitCode, $"exit code {process.ExitCode}: {string.Concat(output)}");
        Assert.Contains(said, string.Concat(output), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", string.Concat(output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_that_is_no_address_is_an_error_of_the_command_line()
    {
        await using var client = BuilderProcess.Start(["client", "info"], [new("BUILDER_REMOTE", "garbage:x")]);
        Assert.Equal(2, await client.ExitAsync());
        Assert.Contains("BUILDER_REMOTE: \"garbage:x\" is not an address", client.Transcript, StringComparison.Ordinal);
    }
}
