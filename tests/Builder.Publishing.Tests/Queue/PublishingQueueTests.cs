using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Publishing.Files;
using Builder.Publishing.Options;
using Builder.Publishing.Queue;
using Builder.Storage.Rebuilders;

namespace Builder.Publishing.Tests.Queue;

public sealed class PublishingQueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stored_package_is_published_and_a_refused_one_says_why()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        using var queue = await site.StartQueueAsync();
        var good = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"]));
        var bad = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"], version: "1.0-1"), "20260101130000");
        await site.StoreAsync(await site.FileAsync("no package"), job: "other");

        await queue.DrainAsync(Cancellation);

        Assert.Equal(TaskState.Done, (await TaskOfAsync(queue, good)).State);
        Assert.Equal(TaskState.Refused, (await TaskOfAsync(queue, bad)).State);
        Assert.Contains("\"1.0-1\" cannot be published", (await TaskOfAsync(queue, bad)).Message, StringComparison.Ordinal);
        Assert.Equal(2, (await queue.Tasks.ListAsync(new TaskFilter(), 10, Cancellation)).Count);
        Assert.Equal(good.ToString(), Assert.Single(await queue.Repositories.Debian!.ListAsync("debian-12", Cancellation)).BuildUuid);
    }

    [Fact]
    public async Task With_the_gate_a_package_goes_out_when_two_builds_with_one_input_agree()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync(settings => settings with { Gate = PublishGate.Reproduced });
        using var queue = await site.StartQueueAsync();
        var one = await DebMaker.MakeAsync(site["debs"], content: "one");
        var other = await DebMaker.MakeAsync(site["debs"], content: "other");

        var first = await site.StoreAsync(one, "20260101120000", input: "same");
        var differs = await site.StoreAsync(other, "20260101130000", input: "same");
        var unknown = await site.StoreAsync(one, "20260101140000", input: null);
        await queue.DrainAsync(Cancellation);
        foreach (var uuid in (BuildUuid[])[first, differs, unknown])
            Assert.Equal(TaskState.Held, await StateOfAsync(queue, uuid));
        Assert.Contains("does not record its input", (await TaskOfAsync(queue, unknown)).Message, StringComparison.Ordinal);
        Assert.Empty(queue.Repositories.Debian!.Distributions);

        var agrees = await site.StoreAsync(one, "20260101150000", input: "same");
        await queue.DrainAsync(Cancellation);

        Assert.Equal(TaskState.Done, await StateOfAsync(queue, first));
        Assert.Equal(TaskState.Done, await StateOfAsync(queue, agrees));
        Assert.Equal(TaskState.Held, await StateOfAsync(queue, differs));
        Assert.EndsWith(
            DebMaker.Sha256(one),
            Assert.Single(await queue.Repositories.Debian!.ListAsync("debian-12", Cancellation)).Version,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_rule_of_the_schedule_holds_a_package_back_until_independent_rebuilders_agree()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        await PublishRuleRows.ReplaceAsync(
            site.Database,
            new Dictionary<string, StoredPublishRule> { ["hello-deb"] = new(Others: 2, IsIndependent: true) },
            Cancellation
        );
        using var queue = await site.StartQueueAsync();
        var deb = await DebMaker.MakeAsync(site["debs"]);
        var build = await site.StoreAsync(deb, input: "same");
        var again = await site.StoreAsync(deb, "20260101130000", input: "same");
        var other = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"], "other"), job: "other");
        await queue.DrainAsync(Cancellation);
        Assert.Equal(TaskState.Held, await StateOfAsync(queue, build));
        Assert.Equal(TaskState.Done, await StateOfAsync(queue, other));

        await SayAsync(site, "ann", build, agrees: true);
        await SayAsync(site, "eve", build, agrees: true);
        await RebuilderRows.RevokeAsync(site.Database, "eve", DateTimeOffset.UnixEpoch, Cancellation);
        await queue.DrainAsync(Cancellation);
        Assert.Contains(
            "waits for 2 independent rebuilders that come to the same bytes; 1 has",
            (await TaskOfAsync(queue, build)).Message,
            StringComparison.Ordinal
        );

        // About the repetition: it has the same bytes from the same inputs.
        await SayAsync(site, "bob", again, agrees: true);
        await queue.DrainAsync(Cancellation);
        Assert.Equal(TaskState.Done, await StateOfAsync(queue, build));
        Assert.Equal(TaskState.Done, await StateOfAsync(queue, again));
    }

    private static async Task SayAsync(TestSite site, string name, BuildUuid build, bool agrees)
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        await RebuilderRows.AddAsync(site.Database, new Rebuilder(name, $"SHA256:{name}", new byte[] { 1 }, now, null, null), Cancellation);
        var payload = System.Text.Encoding.UTF8.GetBytes($"{name} {build}");
        await RebuildRows.InsertAsync(
            site.Database,
            new NewRebuild(build, $"SHA256:{name}", agrees, payload, Sha256Digest.Of(payload), Array.Empty<byte>(), null, now),
            Cancellation
        );
    }

    [Fact]
    public async Task A_package_that_is_gone_does_not_stand_in_the_way_of_others()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        using var queue = await site.StartQueueAsync();
        var lost = await DebMaker.MakeAsync(site["debs"], "lost");
        var gone = await site.StoreAsync(lost, job: "lost");
        var there = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"]));
        var sha256 = DebMaker.Sha256(lost);
        File.Delete(Path.Combine(site.Data, "_artifacts", sha256[..2], sha256));

        await queue.DrainAsync(Cancellation);

        Assert.Equal(TaskState.Refused, await StateOfAsync(queue, gone));
        Assert.Equal(TaskState.Done, await StateOfAsync(queue, there));
    }

    [Fact]
    public async Task A_slow_hook_does_not_hold_up_the_others()
    {
        await using var site = await TestSite.CreateAsync();
        using var queue = await site.StartQueueAsync();
        await site.HookAsync(
            "upload-hooks",
            "a-waits.sh",
            $"case $3 in --job=job0) while ! test -e {site["go"]}; do sleep 0.1; done;; esac"
        );
        await site.HookAsync(
            "upload-hooks",
            "b-quick.sh",
            $"echo x >> {site["quick"]}; test $(wc -l < {site["quick"]}) -lt 3 || touch {site["go"]}"
        );
        for (var i = 0; i < 3; i++)
            await site.StoreAsync(await site.FileAsync($"{i}"), job: $"job{i}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = queue.RunAsync(stop.Token);

        // Two run at once. The waiting one of the first build keeps its place until the third quick one has run in the other.
        while ((await queue.Tasks.ListAsync(new TaskFilter(State: TaskState.Done), 10, Cancellation)).Count < 6)
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task What_hinders_publishing_is_told_and_tried_again()
    {
        await using var site = await TestSite.CreateAsync();
        var settings = await site.InitDebianAsync();
        using var queue = await site.StartQueueAsync();
        var uuid = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"]));
        Directory.Move(settings.GnupgHome, site["elsewhere"]);

        await Assert.ThrowsAsync<RepositoryException>(() => queue.DrainAsync(Cancellation));
        var task = await TaskOfAsync(queue, uuid);
        Assert.Equal(TaskState.Due, task.State);
        Assert.Contains("cannot be published now", task.Message, StringComparison.Ordinal);

        Directory.Move(site["elsewhere"], settings.GnupgHome);
        await queue.DrainAsync(Cancellation);
        Assert.Equal(TaskState.Done, await StateOfAsync(queue, uuid));
    }

    private static async Task<PublishingTask> TaskOfAsync(PublishingQueue queue, BuildUuid uuid) =>
        Assert.Single(await queue.Tasks.ListAsync(new TaskFilter(Build: uuid), 10, Cancellation));

    private static async Task<TaskState> StateOfAsync(PublishingQueue queue, BuildUuid uuid) => (await TaskOfAsync(queue, uuid)).State;
}
