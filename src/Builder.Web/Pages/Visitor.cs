using Builder.Protocol.Values;
using Builder.Storage.Accounts;

namespace Builder.Web.Pages;

/// <summary>Who sent a request, where that is known.</summary>
/// <param name="Way">How it is known, as the audit log has it: "session", "token NAME", "password".</param>
public sealed record Visitor(User User, string Way)
{
    /// <summary>Stands in each form that changes something: only a page of this site, made for this session, knows it. Null without a session.</summary>
    public string? FormToken { get; init; }

    public long? Session { get; init; }

    /// <param name="job">As the build server names it.</param>
    public bool MayAct(ByteString job) => JobName.TryParse(job, out var name, out _) && User.MayAct(name);

    /// <summary>Null where nobody signed in with this browser.</summary>
    internal static Visitor? Of(HttpContext http) => http.Features.Get<Visitor>();
}
