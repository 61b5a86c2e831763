using Microsoft.Extensions.Logging;

namespace Builder.Cli.Signer;

internal static partial class SignerLog
{
    [LoggerMessage(1, LogLevel.Information, "signing for {Site} at {Socket}")]
    public static partial void Signing(this ILogger logger, string socket, string site);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "no --server-key is given: every build counts as imported, and builds with the record of a server are refused"
    )]
    public static partial void NoServerKey(this ILogger logger);
}
