using Microsoft.Extensions.Logging;

namespace Builder.Cli.Secrets;

/// <summary>What roles with a log say of passwords, never the password.</summary>
internal static partial class SecretLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Problem}")]
    public static partial void SecretProblem(this ILogger logger, string problem);
}
