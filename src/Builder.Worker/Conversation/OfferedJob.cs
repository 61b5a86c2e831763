using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Worker.Conversation;

/// <summary>A job as the server offers it.</summary>
/// <param name="TimeLimit">How long it may run; null where the server does not say.</param>
/// <param name="Repetition">What it repeats; null for a job of its own.</param>
/// <param name="Lease">Null where the worker cannot come back to the job.</param>
internal sealed record OfferedJob(
    BuildUuid Uuid,
    ScriptJob Job,
    TimeSpan? TimeLimit,
    JobLimits Limits,
    RepetitionOrder? Repetition,
    LeaseMessage? Lease
);
