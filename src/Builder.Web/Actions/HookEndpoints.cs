using System.Globalization;
using Builder.Publishing.Queue;
using Builder.Storage.Accounts;
using Builder.Web.Accounts;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Options;
using Builder.Web.Pages;

namespace Builder.Web.Actions;

/// <summary>Hooks and publications: what failed, and having it done again. For operators.</summary>
internal static class HookEndpoints
{
    private const int MaxTasks = 200;
    private const string WhoMay =
        "Hooks and publications are for operators without restriction, and for tokens with the scope \"operate\".";

    public static void MapHooks(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Href.Hooks, Verbs.Read, ShowAsync);
        routes.MapPost(Href.Hooks + "/{id:long}/retry", RetryAsync);
    }

    private static async Task ShowAsync(HttpContext http, AccountGate gate, PageResponder pages, IServiceProvider services)
    {
        if (await gate.ReadAsync(http) is not { } visitor)
            return;
        if (!visitor.User.MayOperate)
        {
            await gate.ForbidAsync(http, visitor, "hooks", "", WhoMay);
            return;
        }
        var tasks = services.GetService<PublishingQueue>()?.Tasks;
        await pages.RespondUncachedAsync(
            http,
            async page =>
            {
                var state =
                    page.Query("state") is { } word && Enum.TryParse<TaskState>(word, ignoreCase: true, out var known)
                        ? known
                        : (TaskState?)null;
                var model = new HooksPage(
                    page.PageLayout("Hooks and publications") with
                    {
                        NoIndex = true,
                    },
                    visitor,
                    tasks is null ? [] : await tasks.ListAsync(new TaskFilter(State: state), MaxTasks, page.Stop),
                    state
                );
                return page.WantsJson || visitor.FormToken is null
                    ? Answer.Json(json => HooksJson.Write(json, model))
                    : await Answer.PageAsync(Hooks.Create(model));
            }
        );
    }

    private static async Task RetryAsync(
        HttpContext http,
        long id,
        AccountGate gate,
        IServiceProvider services,
        WebOptions options,
        AuditTrail trail
    )
    {
        if (await gate.ChangeAsync(http) is not var (visitor, _))
            return;
        var number = id.ToString(CultureInfo.InvariantCulture);
        if (!visitor.User.MayOperate)
        {
            await gate.ForbidAsync(http, visitor, "retry", number, WhoMay);
            return;
        }
        var queue = services.GetService<PublishingQueue>();
        var found = queue is null ? null : await queue.Tasks.FindAsync(id, http.RequestAborted);
        if (found is not var (task, _))
        {
            await gate.RefuseAsync(http, StatusCodes.Status404NotFound, "Not found", $"There is no hook or publication {number}.");
            return;
        }
        var subject = $"{HookText.What(task)} of {task.Build}";
        if (await queue!.Tasks.RerunAsync(new TaskFilter(Id: id), options.Clock.GetUtcNow(), http.RequestAborted) == 0)
        {
            await trail.AddAsync(http, visitor, "retry", subject, AuditOutcome.Refused, "it is running");
            await gate.RefuseAsync(http, StatusCodes.Status409Conflict, "It is running", "It is running at this moment. Wait for its end.");
            return;
        }
        queue.Wake();
        await trail.AddAsync(http, visitor, "retry", subject);
        await ServerActions.EndAsync(http, visitor, "retry", subject, Href.Hooks);
    }
}

public sealed record HooksPage(PageLayout PageLayout, Visitor Visitor, IReadOnlyList<PublishingTask> Tasks, TaskState? State);
