using System.Collections.Immutable;
using Builder.Analysis.Values;
using Builder.Proof.Log;

namespace Builder.Proof.Verifying;

/// <summary>A file, what speaks for it, and whom to believe.</summary>
public sealed record VerificationRequest
{
    public required string Name { get; init; }

    public required Sha256Digest Digest { get; init; }

    public required IReadOnlyList<Evidence> Evidence { get; init; }

    public required TrustedKeys Keys { get; init; }

    public ImmutableArray<NoteKey> Logs { get; init; } = [];

    public VerificationPolicy Policy { get; init; } = VerificationPolicy.Default;

    /// <summary>The build that the file was fetched from; null where nobody said.</summary>
    public string? Build { get; init; }

    /// <summary>The job that the file was fetched from; null where nobody said.</summary>
    public string? Job { get; init; }

    public required DateTimeOffset Now { get; init; }
}
