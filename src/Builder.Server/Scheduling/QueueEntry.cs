using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>A job that waits in a platform's queue.</summary>
/// <param name="Since">When it was queued.</param>
/// <param name="Attempts">How often a worker was lost with it since it was queued.</param>
internal sealed record QueueEntry(JobName Name, Job Job, QueuePosition Position, int Attempts, string Owner, int Priority, Timestamp Since);
