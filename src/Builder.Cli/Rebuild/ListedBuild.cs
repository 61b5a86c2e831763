using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Cli.Rebuild;

/// <summary>A build of a site whose inputs are recorded.</summary>
internal sealed record ListedBuild(string Job, BuildUuid Uuid, string Platform, Sha256Digest InputId, DateTimeOffset Finished);
