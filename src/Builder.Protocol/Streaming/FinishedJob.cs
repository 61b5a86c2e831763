using Builder.Protocol.Values;

namespace Builder.Protocol.Streaming;

/// <summary>
/// A <c>jobFinished</c> that is still coming in. Go through all <see cref="Artifacts"/> before the next message is read. Its list of
/// artifacts has the encoding of a build's, so <see cref="ExecWriter"/> writes it to disk as it comes.
/// </summary>
public sealed record FinishedJob(BuildUuid Uuid, ExecutionResult Result, ArtifactSource Artifacts);
