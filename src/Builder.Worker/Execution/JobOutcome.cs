using Builder.Protocol.Values;
using Builder.Worker.Files;
using Builder.Worker.Processes;

namespace Builder.Worker.Execution;

/// <summary>How a job ended, with the files it left, which are there until this is disposed.</summary>
internal sealed class JobOutcome(JobDirectory? directory, ExecutionResult result, IReadOnlyList<LeftFile> files, ResourceUsage usage)
    : IDisposable
{
    public ExecutionResult Result => result;

    public IReadOnlyList<LeftFile> Files => files;

    public ResourceUsage Usage => usage;

    /// <summary>What was varied, and what was not.</summary>
    public VariationReport Variations { get; init; } = VariationReport.None;

    /// <summary>Processes of the job that could not be ended.</summary>
    public int Survivors { get; init; }

    public void Dispose() => directory?.Dispose();
}
