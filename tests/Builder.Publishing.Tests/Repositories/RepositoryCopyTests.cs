using Builder.Publishing.Repositories;
using Builder.Publishing.Tests.Debian;

namespace Builder.Publishing.Tests.Repositories;

public sealed class RepositoryCopyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_is_a_repository_and_follows_the_original()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: "first"), "20260101000000");
        Assert.True(await RepositoryCopy.RunAsync(test.Settings, test["copy"], TimeProvider.System, Cancellation) > 0);
        var apt = new AptRoot(test["apt"], $"file:{test["copy"]}", "debian-12", test.Keyring);
        await apt.UpdateAsync();
        await apt.InstallAsync("hello");
        Assert.Equal(0, await RepositoryCopy.RunAsync(test.Settings, test["copy"], TimeProvider.System, Cancellation));

        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: "second"), "20260102000000");
        await RepositoryCopy.RunAsync(test.Settings, test["copy"], TimeProvider.System, Cancellation);
        await apt.UpdateAsync();
        await apt.GetAsync("upgrade");

        Assert.Equal("second", apt.Read("usr/share/hello/greeting"));
    }
}
