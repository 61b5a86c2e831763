namespace Builder.Cli.Errors;

/// <summary>A command cannot do what was asked; the message names the input and the fix, and is all that the user sees.</summary>
/// <param name="code">Of <see cref="ExitCode"/>.</param>
internal sealed class CommandException(string message, int code = ExitCode.Failed) : Exception(message)
{
    public int Code { get; } = code;
}
