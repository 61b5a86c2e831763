using Builder.Storage.Accounts;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

public sealed record AccountPage(
    PageLayout PageLayout,
    Visitor Visitor,
    IReadOnlyList<AccountSession> Sessions,
    IReadOnlyList<ApiToken> Tokens,
    AccountAnswer Answer
);
