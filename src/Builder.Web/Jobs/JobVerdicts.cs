using Builder.Storage.Artifacts;
using Builder.Web.Shared;

namespace Builder.Web.Jobs;

/// <summary>Verdicts of all builds of one job, worked out among themselves; never across jobs.</summary>
internal sealed class JobVerdicts
{
    private readonly Dictionary<Sha256Digest, int> buildsByOutput = [];
    private readonly Dictionary<Sha256Digest, Dictionary<Sha256Digest, int>> outputsByInput = [];

    public JobVerdicts(IReadOnlyList<JobBuild> builds)
    {
        foreach (var build in builds)
        {
            if (build.Main is not { } main)
                continue;
            buildsByOutput[main.Hash] = buildsByOutput.GetValueOrDefault(main.Hash) + 1;
            if (build.InputId is not { } input)
                continue;
            if (!outputsByInput.TryGetValue(input, out var outputs))
                outputsByInput[input] = outputs = [];
            outputs[main.Hash] = outputs.GetValueOrDefault(main.Hash) + 1;
        }
    }

    public Verdict Of(JobBuild build)
    {
        if (build.Main is not { } main)
            return Verdict.Of(succeeded: false, inputsKnown: build.InputId is not null, 0, 0);
        var disagreeing = build.InputId is { } input
            ? outputsByInput[input].Where(output => output.Key != main.Hash).Sum(output => output.Value)
            : 0;
        return Verdict.Of(succeeded: true, build.InputId is not null, buildsByOutput[main.Hash] - 1, disagreeing);
    }

    public int BuildsWith(Sha256Digest output) => buildsByOutput.GetValueOrDefault(output);
}
