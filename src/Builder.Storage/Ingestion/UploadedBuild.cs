using Builder.Analysis.Logs;
using Builder.Analysis.Values;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;

namespace Builder.Storage.Ingestion;

/// <summary>An upload that has been read to its end and staged.</summary>
internal sealed record UploadedBuild(
    JobName Job,
    Platform Platform,
    BuildUuid Uuid,
    ExecTail Tail,
    IReadOnlyList<StagedArtifact> Artifacts,
    JobTags Tags
)
{
    /// <summary>What its console was searched for; null where it was not: the build succeeded, or the console is too long.</summary>
    public ReadFailure? Failure { get; init; }

    private static readonly string[] InputPaths = ["build-environment", "system-packages"];

    public IEnumerable<StagedArtifact> Kept => Artifacts.Where(artifact => !artifact.IsWithheld);

    /// <summary>The artifact under <c>bin/</c>, where there is exactly one.</summary>
    public StagedArtifact? MainBinary
    {
        get
        {
            var binaries = Kept.Where(artifact => artifact.Path.Bytes.Span.StartsWith("bin/"u8)).Take(2).ToList();
            return binaries is [var only] ? only : null;
        }
    }

    /// <summary>
    /// SHA-256 over the raw digests of what went in: <c>opam-switch</c>, or <c>build-inputs</c> where that is absent, then environment and system
    /// packages. Null where one is missing.
    /// </summary>
    public Sha256Digest? InputId
    {
        get
        {
            var inputs = InputPaths.Select(Find).Prepend(Find("opam-switch") ?? Find("build-inputs")).ToList();
            return inputs.TrueForAll(input => input is not null) ? InputIdOf(inputs.Select(input => input!.Digest)) : null;
        }
    }

    internal static Sha256Digest InputIdOf(IEnumerable<Sha256Digest> inputs) =>
        Sha256Digest.Of([.. inputs.SelectMany(input => input.ToByteArray())]);

    private StagedArtifact? Find(string path) => Kept.FirstOrDefault(artifact => artifact.Name == path);
}

/// <param name="Error">Null where nothing in the console looks like one.</param>
internal sealed record ReadFailure(FirstError? Error);
