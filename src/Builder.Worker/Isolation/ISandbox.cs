using Builder.Worker.Execution;

namespace Builder.Worker.Isolation;

/// <summary>How a job's script is kept apart from the rest of the machine.</summary>
internal interface ISandbox
{
    Launch Prepare(JobDirectory directory, IReadOnlyList<string> environment);
}
