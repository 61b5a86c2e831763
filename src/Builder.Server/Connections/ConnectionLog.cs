using Microsoft.Extensions.Logging;

namespace Builder.Server.Connections;

internal static partial class ConnectionLog
{
    [LoggerMessage(200, LogLevel.Warning, "{Peer}: connection closed: {Reason}")]
    public static partial void BadPeer(this ILogger logger, string peer, string reason);

    [LoggerMessage(201, LogLevel.Debug, "{Peer}: {What}")]
    public static partial void PeerSaid(this ILogger logger, string peer, string what);

    [LoggerMessage(202, LogLevel.Error, "{Peer}: connection closed by an error of the server")]
    public static partial void ServerError(this ILogger logger, Exception error, string peer);

    [LoggerMessage(203, LogLevel.Warning, "no connection can be accepted at present, trying again: {Reason}")]
    public static partial void CannotAccept(this ILogger logger, string reason);

    [LoggerMessage(204, LogLevel.Information, "connections are accepted again")]
    public static partial void AcceptsAgain(this ILogger logger);

    [LoggerMessage(205, LogLevel.Information, "{Peer}: {Request}: {Answer}")]
    public static partial void Answered(this ILogger logger, string peer, string request, string answer);

    [LoggerMessage(206, LogLevel.Warning, "{Peer}: slow observer of build {Uuid}: {Lines} lines left out")]
    public static partial void SlowObserver(this ILogger logger, string peer, Protocol.Values.BuildUuid uuid, long lines);

    [LoggerMessage(207, LogLevel.Error, "{Peer}: connection closed: {Reason}")]
    public static partial void Damaged(this ILogger logger, string peer, string reason);
}
