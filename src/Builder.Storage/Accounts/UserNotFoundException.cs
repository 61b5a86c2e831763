namespace Builder.Storage.Accounts;

/// <summary>There is no user of that name.</summary>
public sealed class UserNotFoundException(string name)
    : Exception($"There is no user \"{name}\": \"builder db user-list\" shows those there are.");
