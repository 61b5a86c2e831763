using Builder.Publishing.Targets;

namespace Builder.Publishing.Notifications;

/// <summary>The targets as the configuration has them now. A change that cannot be read leaves what was.</summary>
public sealed class TargetSettings(string? configurationDirectory)
{
    private readonly Lock gate = new();
    private (DateTime Written, long Length)? stamp;

    public IReadOnlyList<NotificationTarget> Targets { get; private set; } = [];

    /// <summary>Why the file cannot be used; null where it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Rises with each change.</summary>
    public int Version { get; private set; }

    /// <summary>Reads the file where it has changed.</summary>
    /// <returns>Whether it had.</returns>
    public bool Refresh()
    {
        if (configurationDirectory is null)
            return false;
        lock (gate)
        {
            var file = new FileInfo(TargetsFile.PathIn(configurationDirectory));
            var found = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (stamp == found)
                return false;
            stamp = found;
            try
            {
                (Targets, Problem) = (TargetsFile.Read(file.FullName), null);
                Version++;
            }
            catch (NotificationException exception)
            {
                Problem = exception.Message;
            }
            return true;
        }
    }
}
