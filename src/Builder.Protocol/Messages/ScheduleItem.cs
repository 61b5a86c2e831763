using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>When a job is to be queued next, and how often.</summary>
public readonly record struct ScheduleItem(Timestamp Next, Period Period, Job Job);
