using Builder.Storage.Artifacts;
using Builder.Web.Shared;

namespace Builder.Web.Jobs;

/// <summary>Verdicts of all builds of one job, worked out among themselves; never across jobs.</summary>
internal sealed class JobVerdicts
{
    private readonly Dictionary<Sha256Digest, int> buildsByOutput = [];
    private readonly Dictionary<Sha256Digest, int> buildsByInput = [];
    private readonly Dictionary<(Sha256Digest Input, Sha256Digest Output), int> buildsByBoth = [];

    public JobVerdicts(IEnumerable<OutputCount> counts)
    {
        foreach (var count in counts)
        {
            if (count.Output is not { } output)
            {
                Failures += count.Builds;
                continue;
            }
            buildsByOutput[output] = buildsByOutput.GetValueOrDefault(output) + count.Builds;
            if (count.Input is not { } input)
                continue;
            buildsByInput[input] = buildsByInput.GetValueOrDefault(input) + count.Builds;
            buildsByBoth[(input, output)] = count.Builds;
        }
    }

    /// <summary>Builds without an output.</summary>
    public int Failures { get; }

    /// <summary>Different outputs.</summary>
    public int Outputs => buildsByOutput.Count;

    public Verdict Of(Sha256Digest? input, Sha256Digest? output)
    {
        if (output is not { } main)
            return Verdict.Of(succeeded: false, inputsKnown: input is not null, 0, 0);
        var disagreeing = input is { } known ? buildsByInput[known] - buildsByBoth[(known, main)] : 0;
        return Verdict.Of(succeeded: true, input is not null, buildsByOutput[main] - 1, disagreeing);
    }

    public int BuildsWith(Sha256Digest output) => buildsByOutput.GetValueOrDefault(output);
}

/// <summary>So many builds came from this input, if it is known, to this output, if there was any.</summary>
internal readonly record struct OutputCount(Sha256Digest? Input, Sha256Digest? Output, int Builds);
