namespace Builder.Publishing.Attestation;

/// <summary>What the signer answers, as JSON. A build that is in none of the lists was left for the next request.</summary>
/// <param name="Done">Builds for which all is said: nothing changed, or there is nothing to say.</param>
/// <param name="Error">The whole request was refused; null otherwise.</param>
public sealed record SignerAnswer(
    IReadOnlyList<SignedDocument> Statements,
    IReadOnlyList<string> Done,
    IReadOnlyList<SignerRefusal> Refused,
    string? Error = null
)
{
    public static SignerAnswer Failed(string error) => new([], [], [], error);
}
