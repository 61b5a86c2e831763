using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Storage.Maintenance;

/// <summary>One of several builds of the same input.</summary>
/// <param name="MainBinary">Its path in the build.</param>
/// <param name="Size">The main binary's, in bytes.</param>
public sealed record DivergingBuild(BuildUuid Uuid, string Platform, Timestamp Started, string MainBinary, Sha256Digest Digest, long Size);
