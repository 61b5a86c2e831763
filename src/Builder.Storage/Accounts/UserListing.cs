namespace Builder.Storage.Accounts;

/// <summary>A user as operators see it.</summary>
/// <param name="Jobs">The access list, which counts for restricted users.</param>
public sealed record UserListing(string Name, bool IsRestricted, bool IsDisabled, IReadOnlyList<string> Jobs)
{
    public AccountRole Role { get; init; } = AccountRole.Uploader;
}
