namespace Builder.Cli.Errors;

/// <summary>A command cannot do what was asked; the message names the input and the mend and is all that the user sees.</summary>
internal sealed class CommandException(string message) : Exception(message);
