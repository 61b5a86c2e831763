using Builder.Protocol.Values;
using Builder.Publishing.Files;
using Builder.Publishing.Packages;
using Builder.Publishing.Queue;
using Builder.Testing;

[assembly: AssemblyFixture(typeof(PostgreSqlServer))]

namespace Builder.Publishing.Tests.Queue;

/// <summary>A restricted account publishes only what its jobs own; what the operator takes out stays out.</summary>
public sealed class RestrictedAccountTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restricted_account_takes_over_no_package_and_gets_no_foreign_name(bool postgreSql)
    {
        await using var site = await CreateAsync(postgreSql);
        await site.InitDebianAsync();
        using var queue = await site.StartQueueAsync();
        var first = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"]));
        await queue.DrainAsync(Cancellation);
        await site.AddAccountAsync("guest", isRestricted: true);

        var foreign = await site.StoreAsync(
            await DebMaker.MakeAsync(site["debs"], version: "99.0.0"),
            "20260102000000",
            "guest-job",
            account: "guest"
        );
        var future = await site.StoreAsync(
            await DebMaker.MakeAsync(site["debs"], "guest-job", content: "1"),
            "20990101000000",
            "guest-job",
            account: "guest"
        );
        var unowned = await site.StoreAsync(
            await DebMaker.MakeAsync(site["debs"], "nginx"),
            "20260102000000",
            "guest-job",
            account: "guest"
        );
        var own = await site.StoreAsync(
            await DebMaker.MakeAsync(site["debs"], "guest-job", content: "2"),
            "20260102000000",
            "guest-job",
            account: "guest"
        );
        await site.Users.AddAccessAsync("guest", JobName.Parse("guest-job"), Cancellation);
        await queue.DrainAsync(Cancellation);

        await RefusedAsync(queue, foreign, "package hello belongs to job hello-deb");
        await RefusedAsync(queue, future, "in the future");
        await RefusedAsync(queue, unowned, "a restricted account gets new names only if they start with the job's own");
        Assert.Equal(TaskState.Done, (await TaskOfAsync(queue, own)).State);
        Assert.Equal(
            [$"{own}", $"{first}"],
            (await queue.Repositories.Debian!.ListAsync("debian-12", Cancellation)).Select(package => package.BuildUuid)
        );

        await queue.Repositories.Debian!.AssignAsync("nginx", null, "guest-job", Cancellation);
        Assert.Equal(PublishState.Published, Assert.Single(await queue.PublishAsync([unowned], Cancellation)).State);
        Assert.Equal(TaskState.Done, (await TaskOfAsync(queue, unowned)).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_restricted_account_sent_is_not_published_after_its_access_ended(bool postgreSql)
    {
        await using var site = await CreateAsync(postgreSql);
        await site.InitDebianAsync();
        using var queue = await site.StartQueueAsync();
        await site.AddAccountAsync("guest", isRestricted: true);

        var revoked = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"]), "20260102000000", "hello", account: "guest");
        await queue.DrainAsync(Cancellation);

        await RefusedAsync(queue, revoked, "may not send builds of job hello any more");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_withdrawn_package_says_so_at_its_build_and_comes_back_by_hand(bool postgreSql)
    {
        await using var site = await CreateAsync(postgreSql);
        await site.InitDebianAsync();
        using var queue = await site.StartQueueAsync();
        var deb = await DebMaker.MakeAsync(site["debs"]);
        var build = await site.StoreAsync(deb);
        await queue.DrainAsync(Cancellation);

        var removed = Assert.Single(await queue.RemoveAsync("debian-12", $"{build}", deleteFiles: false, Cancellation));
        var again = await site.StoreAsync(deb, "20260105000000");
        await queue.DrainAsync(Cancellation);

        Assert.Equal("hello", removed.Name);
        Assert.Equal(TaskState.Withdrawn, (await TaskOfAsync(queue, build)).State);
        Assert.Contains(
            $"builder repo publish {build} publishes it again",
            (await TaskOfAsync(queue, build)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(TaskState.Withdrawn, (await TaskOfAsync(queue, again)).State);
        Assert.Empty(await queue.Repositories.Debian!.ListAsync("debian-12", Cancellation));
        var none = await Assert.ThrowsAsync<RepositoryException>(() =>
            queue.RemoveAsync("debian-12", "hello", deleteFiles: false, Cancellation)
        );
        Assert.Contains("debian-12 offers no package \"hello\"", none.Message, StringComparison.Ordinal);

        Assert.Equal(PublishState.Published, Assert.Single(await queue.PublishAsync([build], Cancellation)).State);
        Assert.Equal(TaskState.Done, (await TaskOfAsync(queue, build)).State);
    }

    private static async Task<TestSite> CreateAsync(bool postgreSql)
    {
        if (!postgreSql)
            return await TestSite.CreateAsync();
        Requirement.PostgreSql();
        var server =
            await TestContext.Current.GetFixture<PostgreSqlServer>() ?? throw new InvalidOperationException("no PostgreSQL fixture");
        return await TestSite.CreateAsync(await server.CreateDatabaseAsync(Cancellation));
    }

    private static async Task RefusedAsync(PublishingQueue queue, BuildUuid uuid, string reason)
    {
        var task = await TaskOfAsync(queue, uuid);
        Assert.Equal(TaskState.Refused, task.State);
        Assert.Contains(reason, task.Message, StringComparison.Ordinal);
    }

    private static async Task<PublishingTask> TaskOfAsync(PublishingQueue queue, BuildUuid uuid) =>
        Assert.Single(await queue.Tasks.ListAsync(new TaskFilter(Build: uuid), 10, Cancellation));
}
