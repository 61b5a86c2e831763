using Builder.Protocol;
using Builder.Publishing.Queue;

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
        Assert.EndsWith(DebMaker.Sha256(one), Assert.Single(await queue.Repositories.Debian!.ListAsync("debian-12", Cancellation)).Version, StringComparison.Ordinal);
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
