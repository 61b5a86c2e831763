using System.Diagnostics;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

public sealed class CalledNameTests
{
    [Fact]
    public async Task Called_under_a_name_of_the_original_the_program_takes_that_role()
    {
        using var directory = new TemporaryDirectory();
        var link = directory["builder-inspect"];
        File.CreateSymbolicLink(link, BuilderProcess.Executable);

        using var process = Process.Start(new ProcessStartInfo(link) { ArgumentList = { "--help" }, RedirectStandardOutput = true })!;
        var help = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Contains("builder inspect", help, StringComparison.Ordinal);
    }
}
