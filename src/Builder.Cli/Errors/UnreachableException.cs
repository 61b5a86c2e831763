namespace Builder.Cli.Errors;

/// <summary>The server is not there, or went away; scripts tell this from a refusal by the exit code.</summary>
internal sealed class UnreachableException(string message) : Exception(message);
