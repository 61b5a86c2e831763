using System.CommandLine;
using System.Globalization;
using Builder.Cli.Errors;
using Builder.Cli.Originals;
using Builder.Cli.Parsing;
using Builder.Cli.Text;

namespace Builder.Cli.Manual;

/// <summary>
/// Hidden, for those who make packages: <c>builder manual DIRECTORY</c> writes manual pages and completions. <c>SOURCE_DATE_EPOCH</c> is the
/// date of the pages; without it they have none.
/// </summary>
internal static class ManualCommand
{
    public static Command Create()
    {
        var directory = new Argument<DirectoryInfo>("directory") { Description = "Where the files go; made if absent." };
        var command = new Command("manual", "Write manual pages and completions for bash, zsh and fish.") { directory };
        command.Hidden = true;
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await WriteAsync(parsed.RootCommandResult.Command, parsed.GetRequiredValue(directory).FullName, cancellationToken);
                return ExitCode.Success;
            }
        );
        return command;
    }

    /// <summary>Writes <c>man/NAME.1</c>, <c>bash/builder</c>, <c>zsh/_builder</c> and <c>fish/builder.fish</c>.</summary>
    /// <exception cref="UsageException"><c>SOURCE_DATE_EPOCH</c> is not a number of seconds.</exception>
    internal static async Task WriteAsync(Command root, string directory, CancellationToken cancellationToken)
    {
        foreach (var (file, text) in new ManualPages(Date(), Version()).Of(root))
            await WriteAsync(directory, "man", file, text, cancellationToken);
        // The page of the command says all: see man(7), "so".
        await WriteAsync(
            directory,
            "man",
            $"{OriginalPrograms.Orb.Name}.1",
            $".so man1/builder-{OriginalPrograms.Orb.Role}.1\n",
            cancellationToken
        );
        await WriteAsync(directory, "bash", "builder", BashCompletion.Of(root), cancellationToken);
        await WriteAsync(directory, "zsh", "_builder", ZshCompletion.Of(root), cancellationToken);
        await WriteAsync(directory, "fish", "builder.fish", FishCompletion.Of(root), cancellationToken);
    }

    private static async Task WriteAsync(string directory, string folder, string file, string text, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(directory, folder));
        await File.WriteAllTextAsync(Path.Combine(directory, folder, file), text, cancellationToken);
    }

    private static string Date()
    {
        const string variable = "SOURCE_DATE_EPOCH";
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text)
            return "";
        // Up to the end of the year 9999, which is as far as dates go.
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 253402300799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : throw new UsageException($"{variable}: \"{Printable.Of(text)}\" is not a number of seconds since 1970");
    }

    private static string Version() => typeof(ManualCommand).Assembly.GetName().Version?.ToString(3) ?? "";
}
