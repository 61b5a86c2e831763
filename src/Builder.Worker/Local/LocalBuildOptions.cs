using Builder.Protocol.Values;
using Builder.Worker.Options;
using Builder.Worker.Processes;

namespace Builder.Worker.Local;

/// <summary>A script to run on this machine, and how.</summary>
public sealed record LocalBuildOptions
{
    public required ByteString Script { get; init; }

    /// <summary>
    /// Files that the job finds in the directory that the variable <c>BUILDER_RECORDED</c> names, by name: what an earlier build recorded of its
    /// inputs. None: the variable is not set.
    /// </summary>
    public IReadOnlyDictionary<string, ByteString> Recorded { get; init; } = new Dictionary<string, ByteString>();

    /// <summary>What is to be varied, as far as this machine can; none.</summary>
    public Variations Vary { get; init; }

    public IsolationOptions Isolation { get; init; } = new();

    public JobLimits Limits { get; init; } = DefaultLimits.OfThisMachine();

    /// <summary>1 hour.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(1);

    /// <summary>From asking a script to end until it is killed. 5 seconds.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the job gets its directory.</summary>
    public string WorkDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Variables beyond the usual few: <c>NAME=VALUE</c>, or <c>NAME</c> for this process' own value.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    public IReadOnlyList<string> SupervisorCommand { get; init; } = SelfExecution.Command(SelfExecution.SupervisorVerb);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
