namespace Builder.Server.Access;

/// <summary>What a client does, as far as its key may leave it out. Reading is for every key.</summary>
public enum ClientPermission
{
    Read,

    /// <summary>Put a job at the head of its queue, and have a build repeated.</summary>
    Run,

    /// <summary>End a running build.</summary>
    Cancel,

    /// <summary>Change when a job of the schedule is due.</summary>
    Reschedule,

    /// <summary>Drop and undrop platforms.</summary>
    Platforms,

    /// <summary>Drain workers.</summary>
    Workers,

    /// <summary>Decide on builds that the site refused.</summary>
    Spool,

    /// <summary>Everything else: add, change and remove jobs, which is what runs on workers.</summary>
    Schedule,
}
