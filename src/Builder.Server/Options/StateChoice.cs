namespace Builder.Server.Options;

/// <summary>What counts where the original's state file was changed since this server last read or wrote it.</summary>
public enum StateChoice
{
    /// <summary>The operator has to say: the start is refused, with the differences.</summary>
    Ask,

    /// <summary>The journal; the state file stays as it is.</summary>
    Journal,

    /// <summary>The state file's schedule and queues; what it has no place for stays with jobs of the same name.</summary>
    Original,
}
