using System.CommandLine;
using System.CommandLine.Parsing;
using Builder.Cli.Errors;
using Builder.Cli.Originals;
using Builder.Cli.Parsing;
using Builder.Cli.Secrets;
using Builder.Cli.Text;
using Builder.Cli.Worker;
using Builder.Storage.Troubles;

namespace Builder.Cli;

/// <summary>This program with a command line: reads it, runs what it says, and gives the exit code that scripts rely on.</summary>
internal sealed class CommandLine
{
    private static readonly string[] HelpFormats = ["", "auto", "pager", "groff", "plain"];

    /// <summary>A word that begins with <c>@</c> is a name like any other, not a file of arguments.</summary>
    private static readonly ParserConfiguration Configuration = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    private readonly OriginalProgram? original;

    public CommandLine(OriginalProgram? original)
    {
        this.original = original;
        Root = CommandTree.Create(original);
        GuardedValidator.AddTo(Root);
    }

    public RootCommand Root { get; }

    private string Name => original?.Name ?? "builder";

    /// <summary>What is wrong with a command line, in one line; null where nothing is.</summary>
    public string? Refusal(IReadOnlyList<string> words) => Refusal(CommandLineReader.Read(Root, original, words));

    /// <returns>0, or of <see cref="ExitCode"/>; under an original program's name 123 for errors, 124 for the command line, 125 for our own faults.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        try
        {
            return Code(await InvokeAsync(words));
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (UsageException exception)
        {
            return await FailAsync(exception.Message, ExitCode.Usage);
        }
        catch (UnreachableException exception)
        {
            return await FailAsync(exception.Message, ExitCode.Unreachable);
        }
        catch (System.Data.Common.DbException exception)
        {
            return await FailAsync(DatabaseFault.Explain(exception), ExitCode.Failed);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return await FailAsync(FileFault.Explain(exception), ExitCode.Failed);
        }
        catch (CommandException exception)
        {
            return await FailAsync(exception.Message, exception.Code);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return await FailAsync(exception.Message, ExitCode.Failed);
        }
        catch (Exception exception)
        {
            await Console.Error.WriteLineAsync($"{Name}: fault in the program, which its authors need to see: {exception}");
            return original is null or { KeepsExitCodes: true } ? ExitCode.Fault : OriginalExitCode.Internal;
        }
    }

    private async Task<int> InvokeAsync(IReadOnlyList<string> words)
    {
        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // Ctrl-C and TERM cancel; long-running roles end their work in order and need more than the usual two seconds.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
        };
        if (words is [['[', ..], ..])
        {
            // A question of the shell's completion.
            return await Parse(original is null ? words : [words[0], original.Role, .. words.Skip(1)]).InvokeAsync(invocation);
        }
        var reading = CommandLineReader.Read(Root, original, words);
        if (Refusal(reading) is { } refusal)
            throw new UsageException($"{refusal} (see {HelpCommand(reading)})");
        if (reading.Help is { } format)
            return await ShowHelpAsync(reading.Path, format, invocation);
        if (reading.IsVersion)
            return await Parse(["--version"]).InvokeAsync(invocation);
        var parsed = Parse(reading.Words);
        if (WorkerCommand.DrainsOnSignals(parsed))
            invocation.ProcessTerminationTimeout = null;
        return await parsed.InvokeAsync(invocation);
    }

    private string? Refusal(CommandLineReading reading) => Reason(reading) is { } reason ? SecretText.Hide(reason) : null;

    private string? Reason(CommandLineReading reading)
    {
        if (reading.Help is { } format)
            return HelpFormats.Contains(format)
                ? null
                : $"help has the formats auto, pager, groff and plain, not \"{Printable.Of(format)}\"";
        if (reading.Error is not null || reading.IsVersion)
            return reading.Error;
        var errors = Parse(reading.Words).Errors;
        // What an option says of its own value goes before what the command says of several.
        var error =
            errors.FirstOrDefault(error => error.SymbolResult is OptionResult or ArgumentResult) ?? (errors.Count > 0 ? errors[0] : null);
        return error is null ? null : ParseErrorText.Of(error);
    }

    private async Task<int> ShowHelpAsync(IReadOnlyList<Command> path, string format, InvocationConfiguration invocation)
    {
        using var text = new StringWriter();
        var output = invocation.Output;
        invocation.Output = text;
        await Parse([.. path.Skip(1).Select(command => command.Name), "--help"]).InvokeAsync(invocation);
        await output.WriteAsync(format == "groff" ? ManualPage.Of(Name, text.ToString()) : text.ToString());
        return ExitCode.Success;
    }

    private string HelpCommand(CommandLineReading reading) =>
        string.Join(' ', reading.Path.Skip(original is null ? 1 : 2).Select(command => command.Name).Prepend(Name).Append("--help"));

    private ParseResult Parse(IReadOnlyList<string> words) => Root.Parse(words, Configuration);

    private async Task<int> FailAsync(string message, int code)
    {
        await Console.Error.WriteLineAsync($"{Name}: {message}");
        return Code(code);
    }

    private int Code(int code) => original is null or { KeepsExitCodes: true } ? code : OriginalExitCode.Of(code);
}
