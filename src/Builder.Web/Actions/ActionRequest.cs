using Builder.Protocol.Messages;
using Builder.Storage.Accounts;

namespace Builder.Web.Actions;

/// <summary>Something to be done at the build server.</summary>
/// <param name="Action">As the audit log names it.</param>
/// <param name="Subject">To what.</param>
/// <param name="IsAllowed">Whether a user may.</param>
/// <param name="WhoMay">Said to others.</param>
/// <param name="Page">Where a browser goes on, where it does not say where it comes from.</param>
internal sealed record ActionRequest(
    string Action,
    string Subject,
    Func<User, bool> IsAllowed,
    string WhoMay,
    Command Command,
    string Page
);
