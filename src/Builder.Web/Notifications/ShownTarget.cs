using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Web.Notifications;

/// <summary>A target as everybody may see it: never its address, and of a failure no more than an HTTP status.</summary>
/// <param name="Waiting">At most <see cref="MaxCounted"/>.</param>
public sealed record ShownTarget(
    string Name,
    string Kind,
    string Events,
    int Waiting,
    long Delivered,
    DateTimeOffset? LastDelivered,
    string? Problem,
    DateTimeOffset? FailingSince,
    DateTimeOffset? Due
)
{
    public const int MaxCounted = 1000;

    public static ShownTarget Of(NotificationTarget target, TargetState? state, int waiting) =>
        new(
            target.Name,
            KindOf(target.Kind),
            target.Filter.Events.Count == EventKind.All.Count ? "all" : string.Join(", ", target.Filter.Events),
            waiting,
            state?.Delivered ?? 0,
            state?.LastDelivered,
            state?.Problem is { } problem ? ForEverybody(problem) : null,
            state?.FailingSince,
            state?.Problem is null ? null : state.Due
        );

    /// <summary>Problems name hosts and addresses of the operator's network, and what receivers answered.</summary>
    public static string ForEverybody(string problem) =>
        problem.IndexOf("HTTP status ", StringComparison.Ordinal) is >= 0 and var start
            ? problem.AsSpan(start).IndexOf(':') is > 0 and var end
                ? problem.Substring(start, end)
                : problem[start..]
            : "cannot be reached";

    private static string KindOf(TargetKind kind) =>
        kind switch
        {
            TargetKind.Webhook => "webhook",
            TargetKind.Slack => "chat",
            TargetKind.Ntfy => "ntfy",
            TargetKind.Matrix => "Matrix",
            TargetKind.Mail => "mail",
            TargetKind.GitHub => "GitHub commit status",
            TargetKind.GitLab => "GitLab commit status",
            _ => "Forgejo commit status",
        };
}
