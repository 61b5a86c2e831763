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
}
