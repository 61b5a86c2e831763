namespace Builder.Proof.Verifying;

/// <summary>What a provenance statement says of a build; null where it does not say.</summary>
/// <param name="Invocation">The build's uuid, or its address.</param>
public sealed record VerifiedBuild(
    string? Job,
    string? Platform,
    string? Invocation,
    string? BuilderId,
    string? BuildType,
    DateTimeOffset? Started,
    DateTimeOffset? Finished
)
{
    /// <summary>SHA-256 of the script that ran, in hexadecimal digits.</summary>
    public string? Script { get; init; }

    /// <summary>Whether it is the build with this uuid.</summary>
    public bool Is(string uuid) =>
        Invocation is not null
        && (Invocation == uuid || Invocation.EndsWith('/' + uuid, StringComparison.OrdinalIgnoreCase) || Invocation == $"urn:uuid:{uuid}");
}
