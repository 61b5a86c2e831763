using System.Globalization;
using Builder.Storage.Accounts;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

/// <summary>What somebody sees of their own account: where they are signed in, and their tokens.</summary>
internal static class AccountEndpoints
{
    public const string Address = Href.Account;
    public const string Tokens = Address + "/tokens";
    public const string Sessions = Address + "/sessions";
    public const int MaxDays = 3650;

    public static void MapAccount(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Address, Verbs.Read, OpenAsync);
        routes.MapPost(Sessions + "/{id:long}/revoke", EndSessionAsync);
        routes.MapPost(Sessions + "/revoke-others", EndOthersAsync);
        routes.MapPost(Tokens, MakeTokenAsync);
        routes.MapPost(Tokens + "/{id:long}/revoke", RevokeTokenAsync);
    }

    private static async Task OpenAsync(HttpContext http, AccountGate gate, PageResponder pages, AccountSessions sessions, ApiTokens tokens)
    {
        if (await gate.ReadAsync(http) is { } visitor)
            await ShowAsync(http, visitor, pages, sessions, tokens, new AccountAnswer());
    }

    private static Task ShowAsync(
        HttpContext http,
        Visitor visitor,
        PageResponder pages,
        AccountSessions sessions,
        ApiTokens tokens,
        AccountAnswer answer
    ) =>
        pages.RespondUncachedAsync(
            http,
            async page =>
            {
                var model = new AccountPage(
                    page.PageLayout("Account") with
                    {
                        NoIndex = true,
                    },
                    visitor,
                    await sessions.ListAsync(visitor.User.Id, page.Stop),
                    await tokens.ListAsync(visitor.User.Id, page.Stop),
                    answer
                );
                return page.WantsJson || visitor.FormToken is null
                    ? Answer.Json(json => AccountJson.Write(json, model), answer.Status)
                    : await Answer.PageAsync(Account.Create(model), answer.Status);
            }
        );

    private static async Task EndSessionAsync(HttpContext http, long id, AccountGate gate, AccountSessions sessions, AuditTrail trail)
    {
        if (await gate.ChangeAsync(http) is not var (visitor, _) || !await OwnsAsync(http, gate, visitor, "session-revoke"))
            return;
        if (!await sessions.RevokeAsync(visitor.User.Id, id, http.RequestAborted))
        {
            await gate.RefuseAsync(http, StatusCodes.Status404NotFound, "Not found", "There is no such session of yours.");
            return;
        }
        await trail.AddAsync(http, visitor, "session-revoke", visitor.User.Name);
        await EndAsync(http, visitor, "session");
    }

    private static async Task EndOthersAsync(HttpContext http, AccountGate gate, AccountSessions sessions, AuditTrail trail)
    {
        if (await gate.ChangeAsync(http) is not var (visitor, _) || !await OwnsAsync(http, gate, visitor, "session-revoke"))
            return;
        var count = await sessions.RevokeAllAsync(visitor.User.Id, visitor.Session ?? 0, http.RequestAborted);
        await trail.AddAsync(http, visitor, "session-revoke", visitor.User.Name, detail: Wording.Count(count, "session"));
        await EndAsync(http, visitor, "session");
    }

    private static async Task MakeTokenAsync(
        HttpContext http,
        AccountGate gate,
        PageResponder pages,
        AccountSessions sessions,
        ApiTokens tokens,
        AuditTrail trail
    )
    {
        if (await gate.ChangeAsync(http) is not var (visitor, form) || !await OwnsAsync(http, gate, visitor, "token-add"))
            return;
        var name = form["name"] ?? "";
        var scopes = form["scopes"] ?? "";
        var given = new AccountAnswer
        {
            Name = name,
            Scopes = scopes,
            Status = StatusCodes.Status400BadRequest,
        };
        if (name.Length is 0 or > ApiTokens.MaxNameLength)
            given = given with { Problem = $"A token needs a name of 1 to {ApiTokens.MaxNameLength} characters." };
        else if (!TokenScopes.TryParse(scopes, out var parsed, out var reason))
            given = given with { Problem = reason };
        else if (!TryDays(form["days"], out var lifetime))
            given = given with { Problem = $"A token expires after 1 to {MaxDays} days." };
        else if (await tokens.MakeAsync(visitor.User.Name, name, parsed, lifetime, http.RequestAborted) is { } secret)
        {
            await trail.AddAsync(http, visitor, "token-add", name, detail: parsed.ToString());
            given = new AccountAnswer { Secret = secret, Status = StatusCodes.Status201Created };
        }
        else
            given = given with { Problem = $"You have {ApiTokens.MaxPerUser} tokens, which is the limit. Revoke one first." };
        await ShowAsync(http, visitor, pages, sessions, tokens, given);
    }

    private static async Task RevokeTokenAsync(HttpContext http, long id, AccountGate gate, ApiTokens tokens, AuditTrail trail)
    {
        if (await gate.ChangeAsync(http) is not var (visitor, _) || !await OwnsAsync(http, gate, visitor, "token-revoke"))
            return;
        if (await tokens.RevokeAsync(visitor.User.Id, id, http.RequestAborted) is not { } token)
        {
            await gate.RefuseAsync(http, StatusCodes.Status404NotFound, "Not found", "There is no such token of yours.");
            return;
        }
        await trail.AddAsync(http, visitor, "token-revoke", token.Name);
        await EndAsync(http, visitor, "token");
    }

    /// <summary>A token makes and revokes nothing that lets somebody in, but with the scope for it: a stolen one does not make itself another.</summary>
    private static async Task<bool> OwnsAsync(HttpContext http, AccountGate gate, Visitor visitor, string action)
    {
        if (visitor.User.Scopes is null || visitor.User.Scopes.MayAdminister)
            return true;
        await gate.ForbidAsync(http, visitor, action, visitor.User.Name, "This token is not for accounts: it needs the scope \"admin\".");
        return false;
    }

    private static Task EndAsync(HttpContext http, Visitor visitor, string notice) =>
        visitor.FormToken is null
            ? Answer
                .Json(static json =>
                {
                    json.WriteStartObject();
                    json.WriteEndObject();
                })
                .SendAsync(http)
            : Answer.Redirect(StatusCodes.Status303SeeOther, Notices.After(Address, notice)).SendAsync(http);

    private static bool TryDays(string? text, out TimeSpan lifetime)
    {
        lifetime = TimeSpan.FromDays(90);
        if (text is null)
            return true;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days is < 1 or > MaxDays)
            return false;
        lifetime = TimeSpan.FromDays(days);
        return true;
    }
}
