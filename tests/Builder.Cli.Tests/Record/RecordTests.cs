using System.Diagnostics;
using System.Text;
using Builder.Cli.Errors;
using Builder.Cli.Record;
using Builder.Testing;

namespace Builder.Cli.Tests.Record;

public sealed class RecordTests
{
    private const string OfX = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    [Fact]
    public void Only_variables_that_matter_to_compilers_and_those_that_are_named_are_recorded()
    {
        var text = Encoding.UTF8.GetString(
            RecordedEnvironment.Write(
                ["BUILD_KIND"],
                static name =>
                    name switch
                    {
                        "SECRET_TOKEN" or "HOME" or "PATH" => "secret",
                        "CFLAGS" => "-O2\n-g",
                        "TZ" => "UTC",
                        "BUILD_KIND" => "release",
                        _ => null,
                    }
            )
        );

        Assert.Contains("BUILD_KIND=release\nCFLAGS=-O2 -g\nOS=", text, StringComparison.Ordinal);
        Assert.EndsWith("\nTZ=UTC\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_listed_as_sha256sum_does_and_links_are_not_followed()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["src/b"]);
        await File.WriteAllTextAsync(directory["src/b/file"], "x", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(directory["src/a"], "x", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(directory["src/b/loop"], "..");
        var list = new InputList();

        await list.AddAsync(directory["src"], TestContext.Current.CancellationToken);

        var lines = Encoding.UTF8.GetString(list.Write()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [$"{OfX}  {directory["src/a"]}", $"{OfX}  {directory["src/b/file"]}"],
            lines.Where(static line => line.StartsWith(OfX, StringComparison.Ordinal))
        );
        Assert.EndsWith(
            $"  {directory["src/b/loop"]}",
            Assert.Single(lines, static line => !line.StartsWith(OfX, StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_checkout_is_its_commit_and_one_with_changes_is_refused()
    {
        Requirement.Programs("git");
        using var directory = new TemporaryDirectory();
        await GitAsync(directory.Path, "init", "-q");
        await File.WriteAllTextAsync(directory["file"], "x", TestContext.Current.CancellationToken);
        await GitAsync(directory.Path, "add", "file");
        await GitAsync(directory.Path, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x");
        var commit = (await GitAsync(directory.Path, "rev-parse", "HEAD")).Trim();
        var list = new InputList();

        await list.AddCheckoutAsync(directory.Path, TestContext.Current.CancellationToken);

        Assert.Equal($"{commit}  git:{directory.Path}\n", Encoding.UTF8.GetString(list.Write()));
        await File.WriteAllTextAsync(directory["other"], "y", TestContext.Current.CancellationToken);
        var exception = await Assert.ThrowsAsync<CommandException>(() =>
            list.AddCheckoutAsync(directory.Path, TestContext.Current.CancellationToken)
        );
        Assert.Contains("there are changes that no commit has", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://example.org/a/x-1.0.tar.gz", "x-1.0.tar.gz")]
    [InlineData("https://example.org/x.tgz#sha256=" + OfX, "x.tgz")]
    public void A_download_is_named_after_the_end_of_its_address(string text, string name)
    {
        Assert.True(Builder.Cli.Record.Download.TryParse(text, out var download, out _));
        Assert.Equal(name, download.FileName);
        Assert.Equal(text.Contains('#', StringComparison.Ordinal), download.Digest is not null);
    }

    [Theory]
    [InlineData("https://example.org/", "name of a file")]
    [InlineData("https://example.org/a%2Fb", "name of a file")]
    [InlineData("https://example.org/x#sha256=12", "not a SHA-256")]
    [InlineData("ftp://example.org/x", "not an http or https URL")]
    public void A_download_that_has_no_place_is_refused(string text, string why)
    {
        Assert.False(Builder.Cli.Record.Download.TryParse(text, out _, out var reason));
        Assert.Contains(why, reason, StringComparison.Ordinal);
    }

    private static async Task<string> GitAsync(string directory, params IEnumerable<string> arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", directory, .. arguments]) { RedirectStandardOutput = true })!;
        var output = await git.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, git.ExitCode);
        return output;
    }
}
