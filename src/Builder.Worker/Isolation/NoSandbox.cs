using Builder.Protocol.Values;
using Builder.Worker.Files;
using Builder.Worker.Variation;

namespace Builder.Worker.Isolation;

/// <summary>The container or jail around the worker is all there is.</summary>
internal sealed class NoSandbox : ISandbox
{
    public IsolationTier Tier { get; } =
        new(IsolationKind.None, "jobs run as the worker's user; start the worker with --sandbox bubblewrap to keep them apart");

    /// <remarks>Each job has another directory as it is.</remarks>
    public Launch Prepare(
        JobDirectory directory,
        IReadOnlyList<string> interpreter,
        IReadOnlyList<string> environment,
        JobLimits limits,
        VariedJob varied
    ) =>
        new(
            [.. interpreter, directory.Script],
            [
                .. environment,
                $"PWD={directory.Path}",
                .. directory.Recorded is { } recorded ? [$"{JobDirectory.RecordedVariable}={recorded}"] : (string[])[],
            ],
            directory.Path
        );
}
