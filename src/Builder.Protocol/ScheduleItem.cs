namespace Builder.Protocol;

/// <summary>When a job is to be queued next, and how often.</summary>
public sealed record ScheduleItem(Timestamp Next, Period Period, Job Job);
