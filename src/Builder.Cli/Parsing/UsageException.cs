namespace Builder.Cli.Parsing;

/// <summary>The command line, or a variable that stands for a part of it, cannot be understood; the message names the input and what is allowed.</summary>
internal sealed class UsageException(string message) : Exception(message);
