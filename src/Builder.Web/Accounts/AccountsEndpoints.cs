using Builder.Storage.Accounts;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

/// <summary>All accounts, for administrators: roles, disabling, new ones.</summary>
internal static class AccountsEndpoints
{
    public const string Add = Href.Accounts;
    private const int MaxLength = 255;
    private const int MinPasswordLength = 10;

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Href.Accounts, Verbs.Read, OpenAsync);
        routes.MapPost(Add, AddAsync);
        routes.MapPost(Href.Accounts + "/change", ChangeAsync);
    }

    private static async Task OpenAsync(HttpContext http, AccountGate gate, PageResponder pages, UserAdministration users)
    {
        if (await gate.ReadAsync(http) is not { } visitor)
            return;
        if (visitor.User.MayAdminister)
            await ShowAsync(http, visitor, pages, users, problem: null, StatusCodes.Status200OK);
        else
            await gate.ForbidAsync(http, visitor, "accounts", "", "The list of accounts is for administrators.");
    }

    private static Task ShowAsync(
        HttpContext http,
        Visitor visitor,
        PageResponder pages,
        UserAdministration users,
        string? problem,
        int status
    ) =>
        pages.RespondUncachedAsync(
            http,
            async page =>
            {
                var model = new AccountsPage(
                    page.PageLayout("Accounts") with
                    {
                        NoIndex = true,
                    },
                    visitor,
                    await users.ListAsync(page.Stop),
                    problem
                );
                return page.WantsJson || visitor.FormToken is null
                    ? Answer.Json(json => AccountsJson.Write(json, model), status)
                    : await Answer.PageAsync(Accounts.Create(model), status);
            }
        );

    private static async Task AddAsync(HttpContext http, AccountGate gate, PageResponder pages, UserAdministration users, AuditTrail trail)
    {
        if (await gate.ChangeAsync(http) is not var (visitor, form))
            return;
        var name = form["name"] ?? "";
        if (!visitor.User.MayAdminister)
        {
            await gate.ForbidAsync(http, visitor, "user-add", name, "Accounts are for administrators.");
            return;
        }
        var password = form.Raw("password");
        var problem =
            name.Length is 0 or > MaxLength || name.Contains(':', StringComparison.Ordinal) || name.Any(char.IsControl)
                ? $"A name has 1 to {MaxLength} characters, no \":\" and no control characters."
            : password.Length is < MinPasswordLength or > 1024 ? $"A password has {MinPasswordLength} to 1024 characters."
            : !AccountRoles.TryParse(form["role"], out _) ? "The role is uploader, operator or admin."
            : null;
        if (problem is null)
        {
            _ = AccountRoles.TryParse(form["role"], out var role);
            var isRestricted = form["jobs"] is not "all";
            if (await users.AddAsync(name, password, isRestricted, ScryptParameters.Default, http.RequestAborted, role))
            {
                await trail.AddAsync(http, visitor, "user-add", name, detail: AccountRoles.NameOf(role));
                await EndAsync(http, visitor);
                return;
            }
            problem = $"There is an account \"{name}\" already.";
        }
        await ShowAsync(http, visitor, pages, users, problem, StatusCodes.Status400BadRequest);
    }

    /// <summary>The field <c>change</c> says what: a role, or <c>disable</c>.</summary>
    private static async Task ChangeAsync(
        HttpContext http,
        AccountGate gate,
        PageResponder pages,
        UserAdministration users,
        AuditTrail trail
    )
    {
        if (await gate.ChangeAsync(http) is not var (visitor, form))
            return;
        var (name, change) = (form["name"] ?? "", form["change"] ?? "");
        if (!visitor.User.MayAdminister)
        {
            await gate.ForbidAsync(http, visitor, "user-update", name, "Accounts are for administrators.");
            return;
        }
        try
        {
            if (name == visitor.User.Name)
            {
                // Whoever is the last administrator would lock everybody out.
                await ShowAsync(http, visitor, pages, users, "Another administrator changes your account.", StatusCodes.Status409Conflict);
                return;
            }
            if (change == "disable")
                await users.DisableAsync(name, http.RequestAborted);
            else if (AccountRoles.TryParse(change, out var role))
                await users.UpdateAsync(name, null, null, ScryptParameters.Default, http.RequestAborted, role);
            else
            {
                await ShowAsync(
                    http,
                    visitor,
                    pages,
                    users,
                    $"\"{change}\" is no role; use uploader, operator or admin.",
                    StatusCodes.Status400BadRequest
                );
                return;
            }
        }
        catch (UserNotFoundException exception)
        {
            await ShowAsync(http, visitor, pages, users, exception.Message, StatusCodes.Status404NotFound);
            return;
        }
        await trail.AddAsync(http, visitor, "user-update", name, detail: change);
        await EndAsync(http, visitor);
    }

    private static Task EndAsync(HttpContext http, Visitor visitor) =>
        visitor.FormToken is null
            ? Answer
                .Json(static json =>
                {
                    json.WriteStartObject();
                    json.WriteEndObject();
                })
                .SendAsync(http)
            : Answer.Redirect(StatusCodes.Status303SeeOther, Notices.After(Href.Accounts, "account")).SendAsync(http);
}

public sealed record AccountsPage(PageLayout PageLayout, Visitor Visitor, IReadOnlyList<UserListing> Users, string? Problem);
