using System.Globalization;
using Builder.Storage.Accounts;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Accounts;

/// <summary>The audit log, for administrators.</summary>
internal static class AuditEndpoints
{
    private const int PageLength = 100;
    private const int MaxLength = 1000;

    public static void MapAudit(this IEndpointRouteBuilder routes) => routes.MapMethods(Href.Audit, Verbs.Read, ShowAsync);

    private static async Task ShowAsync(HttpContext http, AccountGate gate, PageResponder pages, AuditLog audit)
    {
        if (await gate.ReadAsync(http) is not { } visitor)
            return;
        if (!visitor.User.MayAdminister)
        {
            await gate.ForbidAsync(http, visitor, "audit", "", "The audit log is for administrators.");
            return;
        }
        await pages.RespondUncachedAsync(
            http,
            async page =>
            {
                var before = Number(page.Query("before")) ?? long.MaxValue;
                var length = (int)Math.Clamp(Number(page.Query("limit")) ?? PageLength, 1, MaxLength);
                var entries = await audit.ListAsync(before, page.Query("actor"), length + 1, page.Stop);
                var model = new AuditPage(
                    page.PageLayout("Audit log") with
                    {
                        NoIndex = true,
                    },
                    [.. entries.Take(length)],
                    entries.Count > length ? entries[length - 1].Id : null,
                    page.Query("actor")
                );
                return page.WantsJson || visitor.FormToken is null
                    ? Answer.Json(json => AuditJson.Write(json, model))
                    : await Answer.PageAsync(Audit.Create(model));
            }
        );
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
