namespace Builder.Server.State;

/// <summary>Kinds of events in the journal. Numbers are for ever: a new kind gets a new number.</summary>
internal enum EventKind : byte
{
    JobScheduled = 1,
    JobUnscheduled = 2,
    NextChanged = 3,
    QueueOpened = 4,
    Enqueued = 5,
    PlatformDropped = 6,
    PlatformUndropped = 7,
    JobSuspended = 8,
    EntrySuspended = 9,
    LeaseGranted = 10,
    LeaseReturned = 11,
    BuildRecorded = 12,
    BuildUploaded = 13,
    QueueClosed = 14,
    StateFileSeen = 15,
    RepetitionQueued = 16,
    GoodBuildKept = 17,
    WorkerDrained = 18,
    WorkerUndrained = 19,

    /// <summary>First record of a file: its version, its salt, its number, and how long the log before it is. No event.</summary>
    FileHeader = 200,

    /// <summary>Last record of a snapshot: how many events it has. No event.</summary>
    SnapshotEnd = 201,

    /// <summary>The server stopped in order: nothing was being written. No event.</summary>
    Closed = 202,
}
