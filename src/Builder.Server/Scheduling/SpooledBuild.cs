using Builder.Protocol;

namespace Builder.Server.Scheduling;

/// <summary>A finished build on disk that waits for its upload.</summary>
public sealed record SpooledBuild(BuildUuid Uuid, JobName Name, Platform Platform, Timestamp Finished);
