using Builder.Protocol.Values;

namespace Builder.Publishing.Queue;

/// <summary>One thing to be done, being done or done with a stored build.</summary>
/// <param name="Name">Of a hook: its file name.</param>
/// <param name="ExitCode">Of a hook that ended by itself.</param>
/// <param name="Message">What people are told of it.</param>
public sealed record PublishingTask(
    long Id,
    BuildUuid Build,
    TaskKind Kind,
    string Name,
    TaskState State,
    DateTimeOffset Due,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    int? ExitCode,
    string Message
);
