using System.Diagnostics;
using Builder.Cli.Manual;
using Builder.Cli.Tests.Parsing;
using Builder.Testing;

namespace Builder.Cli.Tests.Manual;

/// <summary>The completions, answered by the shells themselves.</summary>
[Collection(CommandTrees.Name)]
public sealed class CompletionTests
{
    /// <summary>Calls the function as bash does: with the words of the line as bash parts them.</summary>
    private const string AskBash =
        """. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _builder "$1"; printf '%s\n' "${COMPREPLY[@]}" """;

    [Theory]
    [InlineData("builder cl", "client")]
    [InlineData("builder client sche", "schedule")]
    [InlineData("builder client -r localhost : 1234 sche", "schedule")]
    [InlineData("builder client --tls sche", "schedule")]
    [InlineData("builder client schedule --pe", "--period")]
    [InlineData("builder client schedule --key-f", "--key-file")]
    [InlineData("builder worker debian-12 --network o", "outbound")]
    [InlineData("builder worker --network = o", "outbound")]
    [InlineData("builder worker --network =", "none host outbound")]
    [InlineData("builder worker -- --networ", "")]
    [InlineData("builder worker --name a --networ", "--network")]
    [InlineData("builder --vers", "--version")]
    [InlineData("builder xyz", "")]
    [InlineData("/usr/bin/builder-client sche", "schedule")]
    [InlineData("builder-db vacuum older", "older-than")]
    [InlineData("builder-worker --sandbox b", "bubblewrap")]
    public async Task Bash_completes_commands_options_and_values(string line, string expected)
    {
        using var directory = await WriteAsync();
        var (status, said) = await RunAsync("bash", ["--norc", "-c", AskBash, "bash", directory["bash/builder"], .. line.Split(' ')]);
        Assert.True(status == 0, said);
        Assert.Equal(Sorted(expected.Split(' ')), Sorted(said.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Theory]
    [InlineData("--certificate")]
    [InlineData("builder inspect")]
    public async Task Bash_completes_files_with_blanks_in_their_names(string before)
    {
        using var directory = await WriteAsync();
        await File.WriteAllTextAsync(directory["a file"], "", TestContext.Current.CancellationToken);
        string[] words = before.StartsWith('-') ? ["builder", "server", "--tls-certificate"] : before.Split(' ');
        var (status, said) = await RunAsync(
            "bash",
            ["--norc", "-c", AskBash, "bash", directory["bash/builder"], .. words, directory["a f"]]
        );
        Assert.Equal((0, directory["a file"] + "\n"), (status, said));
    }

    [Fact]
    public async Task Bash_knows_each_command_and_option_of_the_tree()
    {
        using var directory = await WriteAsync();
        const string listAll =
            """. "$1"; shift; for c in "$@"; do _builder_command "$c"; printf '%s|%s|%s\n' "$c" "$commands" "$options"; done""";
        var commands = new DescribedCommand([CommandTree.Create(null)]).All.ToList();
        var (_, said) = await RunAsync(
            "bash",
            ["--norc", "-c", listAll, "bash", directory["bash/builder"], .. commands.Select(command => command.Words)]
        );
        Assert.Equal(
            commands.Select(command =>
                $"{command.Words}|{string.Join(' ', command.Below.Select(below => below.Command.Name))}|"
                + string.Join(' ', command.Options.SelectMany(option => option.Names).Where(name => name != "-?"))
            ),
            said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        );
    }

    [Theory]
    [InlineData("builder cl", "client")]
    [InlineData("builder client sche", "schedule")]
    [InlineData("builder client --tls schedule --pe", "--period")]
    [InlineData("builder worker --network o", "outbound")]
    [InlineData("builder worker --network=o", "--network=outbound")]
    [InlineData("builder-db vacuum older", "older-than")]
    [InlineData("builder-worker -- --networ", "")]
    public async Task Fish_completes_commands_options_and_values(string line, string expected)
    {
        Requirement.Programs("fish");
        using var directory = await WriteAsync();
        var (status, said) = await RunAsync(
            "fish",
            ["--no-config", "-c", "source $argv[1]; complete -C $argv[2]", directory["fish/builder.fish"], line]
        );
        Assert.True(status == 0, said);
        Assert.Equal(
            Sorted(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            Sorted(said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(found => found.Split('\t')[0]))
        );
    }

    /// <summary>The completion system needs a terminal; here its functions only print what they are given.</summary>
    private const string AskZsh = """
        compdef() { : }
        compset() { : }
        compadd() { [[ $1 != -- ]] || shift; print -l -- $@ }
        _describe() { print -l -- ${(P)@[-1]%%:*} }
        source $1; shift; words=("$@"); CURRENT=$#; _builder
        """;

    [Theory]
    [InlineData("builder cl", "client", "--network")]
    [InlineData("builder client sche", "schedule", "client")]
    [InlineData("builder client --tls schedule --pe", "--period", "--network")]
    [InlineData("builder client -r localhost:1234 sche", "schedule", "client")]
    [InlineData("builder worker --network o", "outbound", "--network")]
    [InlineData("builder worker --network=o", "outbound", "--network")]
    [InlineData("builder-db vacuum older", "older-than", "vacuum")]
    public async Task Zsh_offers_what_belongs_to_the_place(string line, string offered, string other)
    {
        Requirement.Programs("zsh");
        using var directory = await WriteAsync();
        var (status, said) = await RunAsync("zsh", ["-f", "-c", AskZsh, "zsh", directory["zsh/_builder"], .. line.Split(' ')]);
        Assert.True(status == 0, said);
        var words = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(offered, words);
        Assert.DoesNotContain(other, words);
    }

    private static List<string> Sorted(IEnumerable<string> words) =>
        [.. words.Where(word => word.Length > 0).Order(StringComparer.Ordinal)];

    private static async Task<TemporaryDirectory> WriteAsync()
    {
        var directory = new TemporaryDirectory();
        await ManualCommand.WriteAsync(CommandTree.Create(null), directory.Path, TestContext.Current.CancellationToken);
        return directory;
    }

    private static async Task<(int Status, string Said)> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var said = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)
        );
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, string.Concat(said));
    }
}
