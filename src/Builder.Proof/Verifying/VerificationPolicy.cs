using System.Collections.Immutable;
using Builder.Proof.Keys;

namespace Builder.Proof.Verifying;

/// <summary>What a file must be proven to be.</summary>
public sealed record VerificationPolicy
{
    public static VerificationPolicy Default { get; } = new();

    /// <summary>Values of <c>builder.id</c>; empty: any.</summary>
    public ImmutableArray<string> Builders { get; init; } = [];

    /// <summary>Names of jobs; empty: any.</summary>
    public ImmutableArray<string> Jobs { get; init; } = [];

    /// <summary>The SLSA build level that a verification summary must state; null: any.</summary>
    public int? Level { get; init; }

    /// <summary>How many rebuilders, each of another operator, must have come to the same bytes; null: none.</summary>
    public int? Quorum { get; init; }

    /// <summary>How long ago the build may have finished; null: any time.</summary>
    public TimeSpan? MaximumAge { get; init; }

    /// <summary>The statement must be in a log; null: it must where a log is known.</summary>
    public bool? RequiresLog { get; init; }

    /// <summary>Operators who build again what others published.</summary>
    public ImmutableArray<TrustedRebuilder> Rebuilders { get; init; } = [];
}

/// <param name="Name">Of the operator, for people. Two keys of one name count once.</param>
public sealed record TrustedRebuilder(string Name, VerificationKey Key);
