using System.Diagnostics;
using System.Security.Cryptography;
using Builder.Testing;
using Builder.Web.Builds;

namespace Builder.Web.Tests.Builds;

public sealed class VerifyCommandTests
{
    /// <summary>By a shell, as people do it.</summary>
    [Theory]
    [InlineData("hello.hvt")]
    [InlineData("two words")]
    [InlineData("$(touch pwned)")]
    [InlineData("`touch pwned`")]
    [InlineData("\"; touch pwned; \"")]
    [InlineData("'; touch pwned; '")]
    [InlineData("a\\nb\\\\c")]
    [InlineData("%s%d")]
    [InlineData("!history ~ * ? #")]
    [InlineData(" lead and trail ")]
    [InlineData("ü☃")]
    public async Task A_copied_command_checks_the_file_and_does_nothing_else(string name)
    {
        using var directory = new TemporaryDirectory();
        var content = RandomNumberGenerator.GetBytes(100);
        await File.WriteAllBytesAsync(directory[name], content, TestContext.Current.CancellationToken);
        var command = VerifyCommand.For(Convert.ToHexStringLower(SHA256.HashData(content)), name);
        Assert.NotNull(command);
        Assert.Equal(0, await RunAsync(directory, command));
        Assert.False(File.Exists(directory["pwned"]));
        await File.AppendAllTextAsync(directory[name], "more", TestContext.Current.CancellationToken);
        Assert.Equal(1, await RunAsync(directory, command));
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\u001b[201~b")]
    [InlineData("a\u202eb")]
    [InlineData("a\ufffdb")]
    public void There_is_none_for_a_name_that_a_terminal_would_not_take_as_it_stands(string name) =>
        Assert.Null(VerifyCommand.For(new string('a', 64), name));

    private static async Task<int> RunAsync(TemporaryDirectory directory, string command)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("sh", ["-c", command])
            {
                WorkingDirectory = directory.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return shell.ExitCode;
    }
}
