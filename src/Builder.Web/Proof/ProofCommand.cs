namespace Builder.Web.Proof;

/// <param name="Program">What it needs: <c>cosign 3</c>.</param>
/// <param name="Text">What the command shows, a sentence.</param>
/// <param name="Lines">For a shell, in the directory of the file.</param>
public sealed record ProofCommand(string Program, string Text, string Lines);
