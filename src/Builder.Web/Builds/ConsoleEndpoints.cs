using System.Globalization;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Failures;
using Builder.Storage.Files;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Builds;

/// <summary>Console and script: as text for programs, the console also as a page to read.</summary>
internal static class ConsoleEndpoints
{
    private const string PlainText = "text/plain; charset=utf-8";

    /// <summary>The page of a console of more bytes than these waits its turn among all that is expensive.</summary>
    private const int Large = 256 * 1024;

    public static void MapConsoles(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/job/{job}/build/{build}/console",
            Verbs.Read,
            (HttpContext http, string job, string build, PageResponder pages, BuilderDatabase database, IBuildFiles files) =>
                TextAsync(http, job, build, pages, database, files, "console", static facts => facts.ConsolePath)
        );
        routes.MapMethods(
            "/job/{job}/build/{build}/script",
            Verbs.Read,
            (HttpContext http, string job, string build, PageResponder pages, BuilderDatabase database, IBuildFiles files) =>
                TextAsync(http, job, build, pages, database, files, "script", static facts => facts.ScriptPath)
        );
        routes.MapMethods(
            "/job/{job}/build/{build}/log",
            Verbs.Read,
            (HttpContext http, string job, string build, PageResponder pages, ConsoleSources sources) =>
                pages.RespondAsync(http, page => LogAsync(page, job, build, sources), job: job)
        );
    }

    private static async Task TextAsync(
        HttpContext http,
        string job,
        string uuid,
        PageResponder pages,
        BuilderDatabase database,
        IBuildFiles files,
        string part,
        Func<BuildFacts, string> path
    )
    {
        BuildFacts? build;
        await using (var session = await database.OpenReadAsync(http.RequestAborted))
            build = await BuildEndpoints.FindAsync(session, job, uuid, http.RequestAborted);
        if (build is null || await files.OpenAsync(path(build), http.RequestAborted) is not { } stream)
        {
            await pages.RespondUncachedAsync(http, page => RemovedBuilds.WhatItWasAsync(page, job, uuid));
            return;
        }
        await using var content = new StoredContent(stream, stream.Length);
        http.Response.Headers.CacheControl = "public, max-age=86400";
        // A build's console and script never change.
        await FileAnswer.SendAsync(
            http,
            content,
            PlainText,
            new FileVersion(ETags.Strong($"{build.Uuid}-{part}"), Wording.Calendar(build.Finished), NeverChanges: true)
        );
    }

    private static async Task<Answer?> LogAsync(PageContext page, string job, string uuid, ConsoleSources sources)
    {
        if (await BuildEndpoints.FindAsync(page.Session, job, uuid, page.Stop) is not { } build)
            return await RemovedBuilds.WhatItWasAsync(page, job, uuid);
        if (await sources.Files.OpenAsync(build.ConsolePath, page.Stop) is not { } stream)
            return null;
        await using (stream)
        {
            using var turn = stream.Length > Large ? await sources.Expensive.EnterAsync(page.Stop) : null;
            if (turn is { IsGranted: false })
                return await Problems.BusyAsync(page.Http, page.Site, page.Now, "Too many long consoles are being read at the moment.");
            var error = build.Main is null ? await ErrorAsync(page, build) : new KnownError(null);
            _ = long.TryParse(page.Query("from"), NumberStyles.None, CultureInfo.InvariantCulture, out var from);
            Func<Task<ConsolePart>> read = async () =>
                await ConsoleView.ReadAsync(
                    stream,
                    await sources.Indexes.FindAsync(build.Uuid, stream, error, page.Stop),
                    from,
                    build.Main is null,
                    page.Stop
                );
            var part = turn is null ? await read() : await sources.Expensive.RunAsync(read);
            var good = build.Main is null ? await BuildQueries.EarlierAsync(page.Session, build, page.Stop) : null;
            var model = new ConsolePage(
                page.PageLayout($"Console of {build.Job} on {build.Platform}, {Wording.Moment(build.Started)}") with
                {
                    Script = Assets.LiveScript,
                },
                build,
                part,
                good
            );
            return await Answer.PageAsync(Log.Create(model));
        }
    }

    /// <summary>As it was found when the build was stored; null where it was not looked for yet.</summary>
    private static async Task<KnownError?> ErrorAsync(PageContext page, BuildFacts build) =>
        await FailureRows.IsReadAsync(page.Session, build.Id, page.Stop)
            ? new KnownError((await FailureRows.FindAsync(page.Session, build.Id, page.Stop))?.Line)
            : null;
}

public sealed record ConsolePage(PageLayout PageLayout, BuildFacts Build, ConsolePart Part, RelatedBuild? LastGood);

/// <summary>What the page of a console is made from.</summary>
internal sealed record ConsoleSources(IBuildFiles Files, ConsoleIndexes Indexes, ExpensiveWork Expensive);
