using Builder.Protocol.Values;
using Builder.Storage.Values;

namespace Builder.Storage.Ingestion;

/// <summary>What the database knows of a build that is to be written as it was uploaded.</summary>
/// <param name="Console">Path of its console within the data directory; so with <paramref name="Script"/>.</param>
public sealed record StoredBuild(
    BuildId Id,
    JobName Job,
    BuildUuid Uuid,
    string Console,
    string Script,
    ByteString Platform,
    Timestamp Started,
    Timestamp Finished,
    ExecutionResult Result
);
