using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage;
using Builder.Storage.Artifacts;
using Builder.Storage.Leases;
using Builder.Web.Builds;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Options;
using Builder.Web.Pages;

namespace Builder.Web.Live;

/// <summary>What happens now: queues, running builds, the schedule, and the console of a running build as it grows.</summary>
internal static class LiveEndpoints
{
    /// <summary>Lines that a page without script shows of a running build.</summary>
    private const int MaxLines = 2000;

    private static readonly TimeSpan Collecting = TimeSpan.FromMilliseconds(400);

    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            Href.Activity,
            Verbs.Read,
            async (
                HttpContext http,
                PageResponder pages,
                Activity activity,
                UsualTimes times,
                BuilderStorage storage,
                WebOptions options
            ) =>
            {
                var snapshot = await activity.CurrentAsync(http.RequestAborted);
                await pages.RespondUncachedAsync(
                    http,
                    async page =>
                        await Answer.PageAsync(
                            Overview.Create(
                                new OverviewPage(
                                    page.PageLayout("Activity", NavigationEntry.Activity) with
                                    {
                                        RefreshSeconds = 5,
                                        Script = Assets.LiveScript,
                                        NoIndex = true,
                                    },
                                    snapshot
                                )
                                {
                                    Forecast = await times.ForecastAsync(page.Session, snapshot, page.Now, page.Stop),
                                    Damaged = storage.Damaged.Count,
                                    Scrub = storage.Scrub.State,
                                    ScrubIsOn = options.ScrubBytesPerSecond > 0,
                                    Processes =
                                        page.Visitor?.User.MayOperate == true ? await WebProcesses.ListAsync(page.Session, page.Stop) : [],
                                }
                            )
                        )
                );
            }
        );
        routes.MapMethods(
            Href.Events,
            Verbs.Read,
            IResult (HttpContext http, SiteChanges changes, IHostApplicationLifetime site) =>
            {
                http.Response.Headers.CacheControl = "no-store";
                if (HttpMethods.IsHead(http.Request.Method))
                {
                    http.Response.ContentType = "text/event-stream";
                    return TypedResults.Empty;
                }
                return changes.TryFollow(site.ApplicationStopping) is { } events
                    ? TypedResults.ServerSentEvents(events)
                    : TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
            }
        );
        routes.MapMethods(
            "/activity/{build}",
            Verbs.Read,
            (HttpContext http, string build, PageResponder pages, Activity activity) =>
                pages.RespondUncachedAsync(http, page => WatchAsync(page, build, activity))
        );
        routes.MapMethods(
            "/activity/{build}/events",
            Verbs.Read,
            IResult (HttpContext http, string build, Activity activity) =>
            {
                if (!activity.HasServer || !BuildUuid.TryParse(build, out var uuid))
                    return TypedResults.NotFound();
                if (HttpMethods.IsHead(http.Request.Method))
                {
                    http.Response.ContentType = "text/event-stream";
                    return TypedResults.Empty;
                }
                return activity.TryWatch(uuid, http.RequestAborted) is { } watch
                    ? TypedResults.ServerSentEvents(EventsAsync(watch, uuid, http.RequestAborted))
                    : TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
            }
        );
    }

    private static async Task<Answer?> WatchAsync(PageContext page, string build, Activity activity)
    {
        if (!BuildUuid.TryParse(build, out var uuid))
            return null;
        var snapshot = await activity.CurrentAsync(page.Stop);
        if (snapshot.Info?.Running.FirstOrDefault(running => running.Uuid == uuid) is { } job)
        {
            var lines = page.Http.Request.Query.ContainsKey("script") ? [] : await CollectAsync(activity, uuid, page.Stop);
            var model = new WatchPage(
                page.PageLayout($"{job.Job.Name} is running", NavigationEntry.Activity) with
                {
                    RefreshSeconds = 3,
                    Script = Assets.LiveScript,
                    NoIndex = true,
                },
                job,
                lines
            );
            return await Answer.PageAsync(Watching.Create(model));
        }
        // It ended meanwhile: what is kept of it is at its build, as soon as it is uploaded.
        if (await BuildLookup.ByUuidAsync(page.Session, uuid, page.Stop) is { } found)
            return Answer.Redirect(StatusCodes.Status302Found, Href.Part(found.Job, found.Uuid, "log"));
        return await Problems.MakeAsync(
            page.Http,
            page.Site,
            page.Now,
            StatusCodes.Status404NotFound,
            "Not running",
            snapshot.Problem ?? "No such build is running. One that ended a moment ago shows here as soon as its result has come in."
        );
    }

    /// <summary>What the server sends at once: the lines so far.</summary>
    private static async Task<IReadOnlyList<ShownLine>> CollectAsync(Activity activity, BuildUuid uuid, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(Collecting);
        var lines = new Queue<ShownLine>();
        using var watch = activity.TryWatch(uuid, silence.Token);
        if (watch is null)
            return [];
        try
        {
            long number = 0;
            await foreach (var line in watch.Lines.WithCancellation(silence.Token))
            {
                lines.Enqueue(Shown(line, ++number));
                if (lines.Count > MaxLines)
                    lines.Dequeue();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Enough collected.
        }
        catch (BuildServerException)
        {
            // The page says that it is running; the lines come with its next refresh.
        }
        return [.. lines];
    }

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(
        Activity.Watch watch,
        BuildUuid uuid,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using (watch)
        {
            long number = 0;
            await foreach (var line in watch.Lines.WithCancellation(cancellationToken))
                yield return new SseItem<string>(Markup.ConsoleLine(Shown(line, ++number)), "line");
            yield return new SseItem<string>(Href.Running(uuid), "end");
        }
    }

    private static ShownLine Shown(ConsoleLine line, long number)
    {
        var text = line.Text.ToString();
        var time = line.DeltaNanoseconds < 0 ? null : (line.DeltaNanoseconds / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
        return new ShownLine(number, time, AnsiText.ToHtml(text), ConsoleFile.LooksLikeError(AnsiText.Plain(text)));
    }
}

public sealed record OverviewPage(PageLayout PageLayout, ActivitySnapshot Activity)
{
    /// <summary>When waiting jobs and running builds are expected to begin and end.</summary>
    public QueueForecast Forecast { get; init; } = QueueForecast.Nothing;

    /// <summary>How many stored contents are not what their hash says.</summary>
    public int Damaged { get; init; }

    /// <summary>How far the check in the background has come.</summary>
    public ScrubState Scrub { get; init; } = ScrubState.None;

    public bool ScrubIsOn { get; init; }

    /// <summary>For operators: the web processes on the same database; none with SQLite.</summary>
    public IReadOnlyList<WebProcess> Processes { get; init; } = [];
}

public sealed record WatchPage(PageLayout PageLayout, RunningJob Job, IReadOnlyList<ShownLine> Lines)
{
    /// <summary>Whether the visitor may act on the job.</summary>
    public bool MayAct(ByteString job) => PageLayout.Visitor?.MayAct(job) == true;
}
