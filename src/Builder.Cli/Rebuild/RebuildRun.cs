using System.IO.Enumeration;
using System.Net;
using Builder.Cli.Errors;
using Builder.Cli.Text;
using Builder.Proof.Keys;
using Builder.Protocol.Values;

namespace Builder.Cli.Rebuild;

/// <summary>Runs <c>builder rebuild</c>: follows the list, builds one after the other, reports.</summary>
internal sealed class RebuildRun(RebuildOptions options, RebuildStore store, RebuildSite site, SigningKey key, TextWriter output)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(60);

    private bool hasFailed;

    /// <returns>With <c>--once</c>: 0 all results are reported, 1 some builds failed here or results were refused.</returns>
    public static async Task<int> RunAsync(RebuildOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        using var store = RebuildStore.Open(options.StateDirectory);
        using var key = store.LoadKey(options.Key);
        using var site = new RebuildSite(options.Site);
        return await new RebuildRun(options, store, site, key, output).RunAsync(cancellationToken);
    }

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Say($"key {key.Id}, public half in {store.PublicKeyPath}");
        if (options.Once)
        {
            await FollowAsync(cancellationToken);
            return hasFailed || store.Waiting().Count > 0 ? ExitCode.Failed : ExitCode.Success;
        }
        while (true)
        {
            try
            {
                await FollowAsync(cancellationToken);
            }
            catch (CommandException exception) when (exception.Code == ExitCode.Trouble)
            {
                Say($"{exception.Message}; the next try is in {Pause.TotalSeconds:0} s");
            }
            await Task.Delay(Pause, options.Clock, cancellationToken);
        }
    }

    /// <summary>All that is there now. What was signed before and not taken is sent first.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        foreach (var (build, page, lines) in store.Waiting())
            await ReportAsync(build, page, lines, cancellationToken);
        var oldest = store.Cursor is null ? options.Clock.GetUtcNow() - options.Since : DateTimeOffset.MinValue;
        var cursor = store.Cursor ?? 0;
        while (true)
        {
            var (builds, next) = await site.ListAsync(cursor, cancellationToken);
            foreach (var build in builds.Where(build => IsWanted(build) && build.Finished >= oldest))
                await RepeatAsync(build, cancellationToken);
            if (next <= cursor)
            {
                // Only at the end: whoever is killed in the middle of the first visit must still know which builds are too old.
                store.MoveCursor(cursor);
                return;
            }
            cursor = next;
        }
    }

    private bool IsWanted(ListedBuild build) =>
        !store.IsDone(build.Uuid)
        && !store.IsWaiting(build.Uuid)
        && (options.Job is not { } job || FileSystemName.MatchesSimpleExpression(job, build.Job, ignoreCase: false))
        && (options.Platform is not { } platform || platform == build.Platform);

    private async Task RepeatAsync(ListedBuild build, CancellationToken cancellationToken)
    {
        Say($"{build.Job} on {build.Platform}, build {build.Uuid}");
        var result = await Repetition.RunAsync(options, site, build, store.Work, key, cancellationToken);
        if (result.Statement is not { } lines)
        {
            hasFailed = true;
            store.Finish(build.Uuid, result.Text, options.Clock.GetUtcNow());
            Say($"  not reported: {result.Text}");
            return;
        }
        Say($"  {result.Text}");
        var page = site.PageOf(build);
        store.Keep(build.Uuid, page, lines);
        await ReportAsync(build.Uuid, page, lines, cancellationToken);
    }

    private async Task ReportAsync(BuildUuid build, Uri page, byte[] lines, CancellationToken cancellationToken)
    {
        switch (await site.PostAsync(page, lines, cancellationToken))
        {
            case null:
                Say($"  {options.Site.Authority} does not answer; the result of {build} is kept and sent later");
                break;
            case { IsKept: true } kept:
                store.Finish(build, kept.Text, options.Clock.GetUtcNow());
                Say($"  reported: {kept.Text}");
                break;
            case { IsForLater: true } later:
                Say($"  not taken yet ({(int)later.Status}): {later.Text}; it is sent again later");
                if (later.Status == HttpStatusCode.Forbidden)
                    Say($"  the operator of the site registers the key in {store.PublicKeyPath}: builder db rebuilder-add NAME KEY");
                break;
            case { } refused:
                hasFailed = true;
                store.Finish(build, $"refused: {refused.Text}", options.Clock.GetUtcNow());
                Say($"  refused ({(int)refused.Status}): {refused.Text}");
                break;
        }
    }

    private void Say(string line)
    {
        output.WriteLine(Printable.Of(line));
        output.Flush();
    }
}
