using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>A job as a schedule that is applied wants it.</summary>
internal sealed record WantedJob(Job Job, Period Period, JobOptions Options);
