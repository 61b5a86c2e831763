using Builder.Cli.Errors;

namespace Builder.Cli.Parsing;

/// <summary>For commands whose exit code 1 is an answer: whatever fails ends with <see cref="ExitCode.Trouble"/>.</summary>
internal static class TroubleExit
{
    public static async Task<int> RunAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException(FileFault.Explain(exception), ExitCode.Trouble);
        }
        catch (Exception exception)
            when (exception is CommandException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CommandException(exception.Message, ExitCode.Trouble);
        }
    }
}
