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
    public async Task Called_under_a_name_of_the_original_it_is_that_program(string name, string arguments, string description, string usage)
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
}
