using System.Security.Cryptography;
using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Web.Builds;

namespace Builder.Web.Difference;

/// <summary>A build as one side of a comparison: what it left, without the inputs it recorded.</summary>
internal sealed record BuildSide
{
    private static readonly HashSet<string> Inputs = ["opam-switch", "build-inputs", "build-environment", "system-packages"];

    public BuildSide(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts)
    {
        Build = build;
        Outputs =
        [
            .. artifacts
                .Where(static artifact => !Inputs.Contains(artifact.Path.ToString()))
                .OrderBy(static artifact => artifact.Path.ToString(), StringComparer.Ordinal),
        ];
        Id = IdOf(Outputs, build.Main?.Path);
    }

    public BuildFacts Build { get; }

    /// <summary>By path.</summary>
    public IReadOnlyList<ArtifactFacts> Outputs { get; }

    /// <summary>The same for builds that left the same files.</summary>
    public Sha256Digest Id { get; }

    private static Sha256Digest IdOf(IReadOnlyList<ArtifactFacts> outputs, ByteString? main)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var output in outputs)
            hash.AppendData(Encoding.UTF8.GetBytes($"{output.Hash} {output.Path.Length} {output.Path}\n"));
        hash.AppendData(Encoding.UTF8.GetBytes($"main {main}\n"));
        return Sha256Digest.FromBytes(hash.GetHashAndReset());
    }
}
