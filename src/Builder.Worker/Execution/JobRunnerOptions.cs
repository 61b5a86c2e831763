using System.Diagnostics;
using Builder.Protocol.Values;
using Builder.Worker.Files;
using Builder.Worker.Isolation;
using Builder.Worker.Variation;

namespace Builder.Worker.Execution;

internal sealed record JobRunnerOptions
{
    /// <summary>Where jobs get their directories.</summary>
    public string WorkDirectory { get; init; } = Path.GetTempPath();

    public JobIsolation Isolation { get; init; } = JobIsolation.None;

    /// <summary><c>NAME=VALUE</c> each.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>What an earlier build recorded of its inputs, by file name; see <see cref="JobDirectory.RecordedVariable"/>.</summary>
    public IReadOnlyDictionary<string, ByteString> Recorded { get; init; } = new Dictionary<string, ByteString>();

    /// <summary>What is to be varied, as far as <see cref="Tools"/> can.</summary>
    public Variations Vary { get; init; }

    public VariationTools Tools { get; init; } = new();

    /// <summary>Of every job.</summary>
    public JobLimits Limits { get; init; } = JobLimits.None;

    /// <summary>The span that the job's parts are in; null where nobody traces.</summary>
    public Activity? Span { get; init; }

    /// <summary>From asking a script to end until it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}
