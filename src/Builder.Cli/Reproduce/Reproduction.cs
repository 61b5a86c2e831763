using System.Text;
using Builder.Analysis.Difference;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Worker.Local;

namespace Builder.Cli.Reproduce;

/// <summary>A recorded build, built again on this machine, and how the two compare.</summary>
internal sealed class Reproduction : IDisposable
{
    private const string DateVariable = "SOURCE_DATE_EPOCH";

    private Reproduction(RecordedBuild recorded, LocalBuildResult build, BuildFiles files)
    {
        Recorded = recorded;
        Build = build;
        Files = files;
        Differing = Compare(recorded.Files, files);
    }

    public RecordedBuild Recorded { get; }

    /// <summary>How the script ended here.</summary>
    public LocalBuildResult Build { get; }

    /// <summary>What it left here.</summary>
    public BuildFiles Files { get; }

    /// <summary>Outputs whose bytes differ, or that only one side has.</summary>
    public IReadOnlyList<ArtifactPath> Differing { get; }

    /// <summary>Null where one side does not say what its inputs were. What was varied here does not count.</summary>
    public bool? HasSameInputs => (IdOf(Recorded.Files), IdOf(Files)) is ({ } recorded, { } here) ? recorded == here : null;

    /// <summary>The main binary counts, as in the verdicts of a site; all outputs where there is none.</summary>
    public ReproductionOutcome Outcome
    {
        get
        {
            if (!Build.Succeeded || !Recorded.Files.Outputs.Any())
                return ReproductionOutcome.NotTried;
            var isSame = Recorded.Files.MainBinary is { } main ? DigestHere(main) == Recorded.Files.Digests[main] : Differing.Count == 0;
            return isSame ? ReproductionOutcome.Reproduced
                : HasSameInputs == true ? ReproductionOutcome.Differs
                : ReproductionOutcome.OtherInputs;
        }
    }

    /// <summary>Runs the script with what was recorded: its date (SOURCE_DATE_EPOCH) and, for programs that replay them, its inputs.</summary>
    /// <param name="how">Isolation, limits and the like; script and recorded inputs are set here.</param>
    /// <param name="directory">For the artifacts; made if absent, empty.</param>
    /// <param name="console">Gets what the script prints.</param>
    /// <exception cref="IOException">The isolation cannot be had; the message says what to do.</exception>
    public static async Task<Reproduction> RunAsync(
        RecordedBuild recorded,
        LocalBuildOptions how,
        string directory,
        Stream console,
        CancellationToken cancellationToken
    )
    {
        var files = new BuildFiles(directory);
        try
        {
            var options = how with
            {
                Script = recorded.Script,
                Recorded = recorded.Inputs,
                Environment = [.. how.Environment, .. RecordedDate(recorded.Inputs)],
            };
            var build = await LocalBuild.RunAsync(options, console, files.SaveAsync, cancellationToken);
            return new Reproduction(recorded, build, files);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Why the outputs differ, by the difference engine.</summary>
    public Task<DifferenceResult> ExplainAsync(CancellationToken cancellationToken) =>
        OutputDifference.CompareAsync(this, cancellationToken);

    public void Dispose() => Files.Dispose();

    private Sha256Digest? IdOf(BuildFiles files) => Build.Variations.Made == Variations.None ? files.InputId : files.VariedInputId;

    private Sha256Digest? DigestHere(ArtifactPath path) => Files.Digests.TryGetValue(path, out var digest) ? digest : null;

    private static List<ArtifactPath> Compare(BuildFiles recorded, BuildFiles here) =>
        [
            .. recorded
                .Outputs.Where(artifact => !here.Digests.TryGetValue(artifact.Key, out var digest) || digest != artifact.Value)
                .Concat(here.Outputs.Where(artifact => !recorded.Digests.ContainsKey(artifact.Key)))
                .Select(static artifact => artifact.Key)
                .Order(),
        ];

    private static IEnumerable<string> RecordedDate(IReadOnlyDictionary<string, ByteString> inputs) =>
        inputs.TryGetValue(BuildFiles.Environment, out var environment)
            ? Encoding
                .UTF8.GetString(environment.Span)
                .Split('\n')
                .Where(static line =>
                    line.StartsWith($"{DateVariable}=", StringComparison.Ordinal)
                    && line.AsSpan(DateVariable.Length + 1) is { Length: > 0 and <= 20 } date
                    && !date.ContainsAnyExceptInRange('0', '9')
                )
                .Take(1)
            : [];
}
