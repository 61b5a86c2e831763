using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>What becomes of a job when a schedule is applied.</summary>
internal sealed record JobChange(JobName Name, JobChangeKind Kind);
