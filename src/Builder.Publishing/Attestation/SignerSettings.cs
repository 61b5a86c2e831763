namespace Builder.Publishing.Attestation;

/// <summary>How a signer is set up.</summary>
/// <param name="StateDirectory">Its keys, and what it signed so far; for its user alone.</param>
/// <param name="PublicUrl">How visitors reach the site: statements name builders and build types by it.</param>
public sealed record SignerSettings(string StateDirectory, Uri PublicUrl)
{
    /// <summary>Files with public keys of the build servers whose records count.</summary>
    public IReadOnlyList<string> ServerKeys { get; init; } = [];

    /// <summary>
    /// The operator declares that builds run on a hosted platform, not on somebody's workstation (SLSA 1.2, Build L2): only then summaries claim a level.
    /// </summary>
    public bool IsHosted { get; init; }

    /// <summary>Of this program.</summary>
    public required string Version { get; init; }

    /// <summary>Where the public files of the transparency log lie; null for no log.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>The site's address, without a slash at its end.</summary>
    public string Site => PublicUrl.GetLeftPart(UriPartial.Authority);
}
