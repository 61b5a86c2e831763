namespace Builder.Cli.Errors;

/// <summary>What scripts can rely on.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The command did not do what was asked; standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>Of <c>builder diff</c>: the sides differ.</summary>
    public const int Different = 1;

    /// <summary>Of <c>builder advisories check</c>: some apply.</summary>
    public const int Found = 1;

    /// <summary>Of <c>builder diff</c> and <c>builder advisories check</c>: no complete answer; standard error says why.</summary>
    public const int Trouble = 2;

    /// <summary>The command line could not be understood.</summary>
    public const int Usage = 2;

    /// <summary>The server that was to be asked is not there.</summary>
    public const int Unreachable = 3;

    /// <summary>A fault of this program; standard error has what its authors need.</summary>
    public const int Fault = 70;

    /// <summary>Ended by Ctrl-C before it was done, as shells number it.</summary>
    public const int Interrupted = 130;
}
