namespace Builder.Web.Accounts;

/// <summary>What came of a form on the account page.</summary>
public sealed record AccountAnswer
{
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>A new token, shown this once.</summary>
    public string? Secret { get; init; }

    /// <summary>Why there is none.</summary>
    public string? Problem { get; init; }

    /// <summary>As they were typed.</summary>
    public string Name { get; init; } = "";

    public string Scopes { get; init; } = "";
}
