using System.Net;
using Builder.Protocol;
using Builder.Storage;
using Builder.Storage.Database;
using Builder.Storage.Maintenance;

namespace Builder.Web.Tests;

public sealed class RemovedBuildTests
{
    [Fact]
    public async Task What_a_removed_build_was_is_still_said_and_the_pages_know_at_once()
    {
        await using var site = await Site.FilledAsync();
        const string address = "/job/expired-job/build/149603e6-c035-4636-aa8d-a23f624db945";
        const string hash = "/hash?sha256=f0e3308d45c1d13e27349872fe009f3769a3d4a007261cc43e434ac6d858049e";
        using (var before = await site.Http.GetAsync(address, TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        using (var before = await site.Http.GetAsync(hash, TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.Found, before.StatusCode);

        await using (var storage = await BuilderStorage.OpenAsync(new DatabaseSettings(site.DataDirectory), site.Clock, TestContext.Current.CancellationToken))
        {
            var removal = new BuildRemoval(storage, site.Clock);
            var old = await removal.SelectAsync(
                new RemovalSelection.OlderThan(Timestamp.From(Site.Recorded.AddYears(-1))), TestContext.Current.CancellationToken);
            await removal.RemoveAsync(old, progress: null, TestContext.Current.CancellationToken);
        }

        using var page = await site.Http.PageAsync(address, HttpStatusCode.Gone);
        Assert.Contains("removed on 22 Nov 2026", page.Text(".head p"), StringComparison.Ordinal);
        using var found = await site.Http.PageAsync(hash, HttpStatusCode.Gone);
        Assert.Contains("149603e6-c035-4636-aa8d-a23f624db945", found.Text(".head p"), StringComparison.Ordinal);
    }
}
