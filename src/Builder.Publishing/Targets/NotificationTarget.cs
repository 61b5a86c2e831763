using Builder.Publishing.Outgoing;

namespace Builder.Publishing.Targets;

/// <summary>Somebody who is told of events, as <c>notify.yaml</c> describes it.</summary>
/// <param name="Name">The operator's name for it; progress is kept under it.</param>
/// <param name="Address">Of the receiver, the chat server, the forge or the mail server.</param>
public sealed record NotificationTarget(string Name, TargetKind Kind, Uri Address, EventFilter Filter)
{
    /// <summary>The line of the file at which it begins.</summary>
    public long Line { get; init; }

    public AllowedNetworks Networks { get; init; } = AllowedNetworks.Public;

    /// <summary>What webhooks are signed with. Several while receivers change from one to another; the newest first.</summary>
    public IReadOnlyList<byte[]> Secrets { get; init; } = [];

    /// <summary>Access token, or the password of a mail account.</summary>
    public string? Token { get; init; }

    /// <summary>So many at once. With more than one, the order holds per job.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>Matrix: the room's id.</summary>
    public string? Room { get; init; }

    /// <summary>Mail: the account at the server.</summary>
    public string? User { get; init; }

    /// <summary>Mail: who sends.</summary>
    public string? From { get; init; }

    /// <summary>Mail: who gets it.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>Mail: what mail programs sort by (RFC 2919).</summary>
    public string? ListId { get; init; }

    /// <summary>Mail: events are collected for so long and sent as one.</summary>
    public TimeSpan? Digest { get; init; }

    /// <summary>Commit status: which jobs may speak about which repository.</summary>
    public IReadOnlyList<AllowedRepository> Repositories { get; init; } = [];
}
