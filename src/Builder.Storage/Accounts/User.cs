using Builder.Storage.Values;

namespace Builder.Storage.Accounts;

/// <summary>Someone who may upload: any job, or where restricted only those on the access list.</summary>
public sealed record User(UserId Id, string Name, bool IsRestricted);
