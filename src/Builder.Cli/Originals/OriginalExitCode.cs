using Builder.Cli.Errors;

namespace Builder.Cli.Originals;

/// <summary>The exit codes of the original programs.</summary>
internal static class OriginalExitCode
{
    public const int Failed = 123;
    public const int Usage = 124;
    public const int Internal = 125;

    /// <param name="code">One of <see cref="ExitCode"/>.</param>
    public static int Of(int code) =>
        code switch
        {
            ExitCode.Success or ExitCode.Interrupted => code,
            ExitCode.Usage => Usage,
            _ => Failed,
        };
}
