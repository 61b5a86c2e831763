namespace Builder.Objects.Credentials;

/// <summary>What requests are signed with.</summary>
/// <param name="SessionToken">Null for keys that are not temporary.</param>
public sealed record AccessKey(string Id, string Secret, string? SessionToken = null)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => $"access key {Id}";
}
