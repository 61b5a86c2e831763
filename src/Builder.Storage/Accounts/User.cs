using Builder.Protocol.Values;
using Builder.Storage.Values;

namespace Builder.Storage.Accounts;

/// <summary>Someone who may upload, and act as the role says: for any job, or where restricted only for those on the access list.</summary>
public sealed record User(UserId Id, string Name, bool IsRestricted)
{
    public AccountRole Role { get; init; } = AccountRole.Uploader;

    /// <summary>Where the user came with a token: what that is for. Null: for everything the user may.</summary>
    public TokenScopes? Scopes { get; init; }

    /// <summary>The access list of a restricted user, where it was asked for.</summary>
    public IReadOnlyList<string> Jobs { get; init; } = [];

    public bool MayAct(JobName job) =>
        Role >= AccountRole.Operator
        && (!IsRestricted || Jobs.Contains(job.Value, StringComparer.Ordinal))
        && Scopes?.MayRun(job.Value) != false;

    /// <summary>Platforms, workers, hooks and advisories belong to no one job.</summary>
    public bool MayOperate => Role >= AccountRole.Operator && !IsRestricted && Scopes?.MayOperate != false;

    public bool MayAdminister => Role == AccountRole.Admin && Scopes?.MayAdminister != false;
}
