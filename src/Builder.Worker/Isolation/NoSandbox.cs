using Builder.Worker.Execution;

namespace Builder.Worker.Isolation;

/// <summary>The container or jail around the worker is all there is.</summary>
internal sealed class NoSandbox : ISandbox
{
    public Launch Prepare(JobDirectory directory, IReadOnlyList<string> environment) =>
        new(["/bin/sh", "-e", directory.Script], [.. environment, $"PWD={directory.Path}"], directory.Path);
}
