using Builder.Protocol.Values;
using Builder.Publishing.Outgoing;
using Builder.Publishing.Targets;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;

namespace Builder.Publishing.Channels;

/// <summary>Makes the way to a target.</summary>
/// <param name="findRevision">Which commit a build says it was made from.</param>
public sealed class ChannelFactory(
    Func<BuildUuid, CancellationToken, Task<SourceRevision?>> findRevision,
    SitePlace site,
    TimeProvider clock
)
{
    public ChannelFactory(BuilderDatabase database, IArtifactStore artifacts, SitePlace site, TimeProvider clock)
        : this((build, cancellationToken) => SourceRevision.FindAsync(database, artifacts, build, cancellationToken), site, clock) { }

    public static bool IsCommitStatus(TargetKind kind) => kind is TargetKind.GitHub or TargetKind.GitLab or TargetKind.Forgejo;

    public Channel Create(NotificationTarget target)
    {
        var connector = new GuardedConnector(target.Networks);
        return target.Kind switch
        {
            TargetKind.Webhook => new WebhookChannel(target, Http(connector), site, clock),
            TargetKind.Mail => new MailChannel(target, connector, site, clock),
            TargetKind.Slack => new SlackChannel(target, Http(connector), site),
            TargetKind.Ntfy => new NtfyChannel(target, Http(connector), site),
            TargetKind.Matrix => new MatrixChannel(target, Http(connector), site),
            _ when IsCommitStatus(target.Kind) => new CommitStatusChannel(target, Http(connector), site, findRevision),
            _ => throw new ArgumentOutOfRangeException(nameof(target), target.Kind, "unknown kind of target"),
        };
    }

    private OutgoingHttp Http(GuardedConnector connector) => new(connector, clock);
}
