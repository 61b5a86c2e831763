using System.Collections.Immutable;
using Builder.Analysis.Values;
using Builder.Proof.Statements;

namespace Builder.Proof.Rebuilding;

/// <summary>What somebody got who built again from the recorded inputs of a build.</summary>
public sealed record RebuildResult
{
    /// <summary>The page of the build that was repeated, such as <c>https://builds.example.org/job/J/build/UUID</c>.</summary>
    public required Uri Build { get; init; }

    public required ExternalParameters External { get; init; }

    /// <summary>All files that the rebuild left, by their path in the build, with their SHA-256.</summary>
    public required ImmutableArray<ResourceDescriptor> Artifacts { get; init; }

    /// <summary>Path of the main binary; it must be one of <see cref="Artifacts"/>.</summary>
    public required string MainBinary { get; init; }

    /// <summary>Names the platform that built: a URI that its operator chose; null for one made from the key.</summary>
    public string? BuilderId { get; init; }

    /// <summary>How the job was kept apart: <c>sandbox</c>, <c>sandbox-shared-proc</c> or <c>none</c>.</summary>
    public string? Isolation { get; init; }

    /// <summary>Names of what was varied, such as <c>time,path</c>; null where nothing was.</summary>
    public string? Varied { get; init; }

    /// <summary>Why the files differ, in one line; null where they do not, or nobody knows.</summary>
    public string? Difference { get; init; }

    /// <summary>Identifies the rebuild at its own operator.</summary>
    public required string InvocationId { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    /// <summary>SHA-256 of the recorded inputs that were used, by name.</summary>
    public ImmutableArray<ResourceDescriptor> Inputs { get; init; } = [];

    public Sha256Digest? MainDigest => Artifacts.FirstOrDefault(artifact => artifact.Name == MainBinary)?.Sha256;
}
