namespace Builder.Storage.Accounts;

/// <summary>Where a site takes one-time links.</summary>
public static class SignInLinkAddress
{
    public const string Path = "/sign-in/link";
    public const string Parameter = "secret";

    /// <summary>Path-absolute.</summary>
    public static string Of(string secret) => $"{Path}?{Parameter}={secret}";
}
