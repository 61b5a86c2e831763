using Builder.Publishing.Notifications;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Notifications;

/// <summary>Who is told of what, how far each target is, and what could not be told.</summary>
internal static class NotificationEndpoints
{
    private const int MaxLetters = 100;

    public static void MapNotifications(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(
            Href.Notifications,
            Verbs.Read,
            (HttpContext http, PageResponder pages, TargetSettings settings) =>
                pages.RespondUncachedAsync(http, async page => await AnswerAsync(page, settings))
        );

    private static async Task<Answer?> AnswerAsync(PageContext page, TargetSettings settings)
    {
        settings.Refresh();
        var now = page.Now.ToDateTimeOffset();
        var states = (await OutboxTargets.ListAsync(page.Session, now, page.Stop)).ToDictionary(
            static state => state.Name,
            StringComparer.Ordinal
        );
        var shown = new List<ShownTarget>();
        foreach (var target in settings.Targets)
        {
            var state = states.GetValueOrDefault(target.Name);
            var waiting = state is null ? 0 : await WaitingAsync(page, target, state);
            shown.Add(ShownTarget.Of(target, state, waiting));
        }
        var letters = await DeadLetters.ListAsync(page.Session, MaxLetters, page.Stop);
        if (page.WantsJson)
            return Answer.Json(json => NotificationJson.Write(json, shown, letters));
        return await Answer.PageAsync(
            Notifications.Create(
                new NotificationsPage(
                    page.PageLayout("Notifications", NavigationEntry.Activity) with
                    {
                        RefreshSeconds = 10,
                        NoIndex = true,
                    },
                    shown,
                    letters,
                    settings.Problem is not null
                )
            )
        );
    }

    private static async Task<int> WaitingAsync(PageContext page, NotificationTarget target, TargetState state)
    {
        var events = await OutboxEvents.AfterAsync(page.Session, state.Position, ShownTarget.MaxCounted, page.Stop);
        return events.Count(target.Filter.Matches);
    }
}

public sealed record NotificationsPage(
    PageLayout PageLayout,
    IReadOnlyList<ShownTarget> Targets,
    IReadOnlyList<DeadLetter> Letters,
    bool IsFileBroken
);
