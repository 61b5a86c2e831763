namespace Builder.EndToEnd.Tests;

public sealed class HelpTests
{
    [Fact]
    public async Task Help_says_what_the_program_is_and_how_to_call_it()
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["--help"]);

        Assert.Equal(0, exitCode);
        Assert.Contains("proves what it publishes", output, StringComparison.Ordinal);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_commands_without_their_examples_which_their_own_help_has()
    {
        Assert.DoesNotContain("Examples:", (await BuilderProcess.RunAsync(["--help"])).Output, StringComparison.Ordinal);
        Assert.Contains("Examples:", (await BuilderProcess.RunAsync(["diff", "--help"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_verb_is_named_and_is_an_error()
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(["no-such-verb"]);

        Assert.Equal(2, exitCode);
        Assert.Contains("no-such-verb", output, StringComparison.Ordinal);
    }
}
