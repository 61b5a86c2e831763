namespace Builder.Web.Api;

/// <summary>A route as the description of the interface has it.</summary>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Answers">Status and what it means.</param>
public sealed record ApiOperation(
    string Method,
    string Path,
    string Summary,
    IReadOnlyList<ApiParameter> Parameters,
    IReadOnlyList<(int Status, string Meaning)> Answers,
    string Produces,
    string? Schema = null
)
{
    public bool IsUpload => Method == "POST" && !NeedsToken;

    /// <summary>It takes an account's token.</summary>
    public bool NeedsToken { get; init; }

    /// <summary>What the body says, as a form or a JSON object of texts.</summary>
    public IReadOnlyList<ApiParameter> Fields { get; init; } = [];

    /// <summary>An upload that needs no account.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Only a site with a signer has it.</summary>
    public bool NeedsSigner { get; init; }

    public string Id =>
        $"{Method.ToLowerInvariant()}{Path.Replace('/', '-').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal).Replace('.', '-')}";
}

/// <param name="Example">What the field of the page holds at first.</param>
public sealed record ApiParameter(string Name, bool InPath, string Meaning, string Example = "");
