using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Values;

namespace Builder.Storage.Outbox;

/// <summary>What events tell of a build.</summary>
/// <param name="Main">The main binary's hash; null where the build failed.</param>
internal sealed record EventBuild(
    BuildId Id,
    BuildUuid Uuid,
    JobId JobId,
    string Job,
    string Platform,
    Timestamp Started,
    Timestamp Finished,
    Sha256Digest? Input,
    Sha256Digest? Main,
    string? Path,
    long? Size,
    ExecutionResult Result
);
