using Builder.Analysis.Values;

namespace Builder.Storage.Maintenance;

/// <summary>An input that a job was built from several times, with different main binaries.</summary>
/// <param name="Builds">All successful builds of the input, and repetitions of these, oldest first; at least two.</param>
public sealed record UnreproducibleInput(string Job, Sha256Digest Input, IReadOnlyList<DivergingBuild> Builds)
{
    /// <summary>The main binaries that differ, each once.</summary>
    public IEnumerable<Sha256Digest> Outputs => Builds.Select(build => build.Digest).Distinct();
}
