namespace Builder.Objects.Transfer;

/// <summary>What the store says about an object.</summary>
/// <param name="Key">Without the prefix of the address.</param>
/// <param name="Sha256">Lower case hex, as it was given when the object was stored; null where it was not. Lists never have it.</param>
public sealed record ObjectInfo(string Key, long Length, DateTimeOffset LastModified, string? Sha256 = null);
