namespace Builder.Publishing.Targets;

/// <summary>How a target is told.</summary>
public enum TargetKind
{
    /// <summary>CloudEvents with the signature of Standard Webhooks.</summary>
    Webhook,

    /// <summary>An incoming webhook of Slack, Mattermost, Rocket.Chat or Zulip.</summary>
    Slack,

    /// <summary>A topic of ntfy.</summary>
    Ntfy,

    /// <summary>A room of Matrix.</summary>
    Matrix,

    Mail,

    /// <summary>Commit status of GitHub.</summary>
    GitHub,

    /// <summary>Commit status of GitLab.</summary>
    GitLab,

    /// <summary>Commit status of Forgejo or Gitea.</summary>
    Forgejo,
}
