namespace Builder.Storage.Accounts;

/// <summary>A token as its owner sees it: the secret is not kept.</summary>
/// <param name="Expires">Null: never.</param>
/// <param name="Seen">When it was used last, to the hour; null: never.</param>
public sealed record ApiToken(
    long Id,
    string User,
    string Name,
    TokenScopes Scopes,
    DateTimeOffset Created,
    DateTimeOffset? Expires,
    DateTimeOffset? Seen
);
