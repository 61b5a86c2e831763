namespace Builder.Web.Proof;

/// <param name="Name">The file's name, as the link shows it.</param>
/// <param name="Text">What it says, and in which format.</param>
/// <param name="Address">Path-absolute.</param>
public sealed record ProofDocument(string Name, string Text, string Address);
