using Builder.Analysis.Values;
using Builder.Proof.Records;
using Builder.Protocol.Values;

namespace Builder.Publishing.Attestation;

/// <summary>A stored build of which every byte was read and every digest computed anew by the signer.</summary>
/// <param name="Script">Digest of the script.</param>
/// <param name="Exec">Digest of the whole build as it was uploaded.</param>
/// <param name="Console">Digest of the console as the site serves it; null where it is too long to be put together.</param>
/// <param name="Artifacts">Those that are published, in the order of the build.</param>
/// <param name="Inputs">Contents of the lists that a build leaves of its inputs, by name.</param>
/// <param name="Record">What a trusted server signed; it fits all of the above. Null for an imported build.</param>
internal sealed record CheckedBuild(
    BuildUuid Uuid,
    JobName Job,
    Platform Platform,
    Sha256Digest Script,
    Timestamp Started,
    Timestamp Finished,
    Sha256Digest Exec,
    Sha256Digest? Console,
    IReadOnlyList<CheckedArtifact> Artifacts,
    IReadOnlyDictionary<string, byte[]> Inputs,
    BuildRecord? Record
)
{
    private const string Switch = "opam-switch";
    private const string BuildInputs = "build-inputs";
    private const string Environment = "build-environment";
    private const string SystemPackages = "system-packages";

    /// <summary>Names of the lists that a build leaves of its inputs.</summary>
    public static readonly IReadOnlySet<string> InputNames = new HashSet<string>(StringComparer.Ordinal)
    {
        Switch,
        BuildInputs,
        Environment,
        SystemPackages,
    };

    public BuildMode Mode =>
        Record is null ? BuildMode.Imported
        : Record.Isolation is { } name && IsolationTier.TryParse(name, "", out var tier)
            ? tier.Kind switch
            {
                IsolationKind.Sandbox => BuildMode.Sandboxed,
                IsolationKind.SandboxSharedProc => BuildMode.SharedProc,
                _ => BuildMode.Unsandboxed,
            }
        : BuildMode.Unsandboxed;

    /// <summary>The artifact under <c>bin/</c>, where there is exactly one.</summary>
    public CheckedArtifact? MainBinary =>
        Artifacts.Where(artifact => artifact.Path.Bytes.Span.StartsWith("bin/"u8)).Take(2).ToList() is [var only] ? only : null;

    /// <summary>As the database's <c>input_id</c>, computed anew; null where a list is missing.</summary>
    public Sha256Digest? InputId =>
        (Digest(Switch) ?? Digest(BuildInputs)) is { } first && Digest(Environment) is { } second && Digest(SystemPackages) is { } third
            ? Sha256Digest.Of([.. first.ToByteArray(), .. second.ToByteArray(), .. third.ToByteArray()])
            : null;

    private Sha256Digest? Digest(string name) => Artifacts.FirstOrDefault(artifact => artifact.Name == name)?.Digest;
}
