using Builder.Protocol.Values;
using Builder.Worker.Execution;
using Builder.Worker.Files;
using Builder.Worker.Variation;

namespace Builder.Worker.Isolation;

/// <summary>How a job's script is kept apart from the rest of the machine.</summary>
internal interface ISandbox
{
    IsolationTier Tier { get; }

    /// <param name="interpreter">What runs the script, see <see cref="ScriptInterpreter"/>.</param>
    /// <param name="varied">What is different around this job.</param>
    Launch Prepare(
        JobDirectory directory,
        IReadOnlyList<string> interpreter,
        IReadOnlyList<string> environment,
        JobLimits limits,
        VariedJob varied
    );
}
