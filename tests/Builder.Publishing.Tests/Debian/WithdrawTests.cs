using Builder.Publishing.Debian;
using Builder.Publishing.Packages;

namespace Builder.Publishing.Tests.Debian;

/// <summary>A package is taken out, as the real apt sees it, and comes back only by hand.</summary>
public sealed class WithdrawTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_withdrawn_package_is_no_longer_found_and_the_others_are()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var hello = await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101000000");
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], "other"), "20260101000000");
        var apt = test.Apt();
        await apt.UpdateAsync();
        await apt.InstallAsync("hello");

        var removed = Assert.Single(
            await test.Repository.RemoveAsync("debian-12", package => package.Name == "hello", deleteFiles: false, Cancellation)
        );

        Assert.Equal(hello.Package, removed);
        await apt.UpdateAsync();
        Assert.Contains(
            "Unable to locate package hello",
            (await test.Apt().UpdatedAsync("install", "--simulate", "hello")).Output,
            StringComparison.Ordinal
        );
        Assert.Equal(0, (await apt.GetAsync("install", "--simulate", "other")).ExitCode);
        Assert.True(File.Exists(Path.Combine(test.Settings.Directory, removed.FileName)));
    }

    [Fact]
    public async Task The_same_bytes_come_back_by_hand_only_and_other_bytes_by_themselves()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var deb = await DebMaker.MakeAsync(test["debs"]);
        await test.PublishAsync(deb, "20260101000000");
        await test.Repository.RemoveAsync("debian-12", _ => true, deleteFiles: false, Cancellation);

        // Built again tonight, with the same result.
        var again = DebMaker.Build(deb, "20260102000000");
        var kept = Assert.Single(await test.Repository.PublishAsync("debian-12", [again], Cancellation));
        Assert.Equal(PublishState.Withdrawn, kept.State);
        Assert.Contains($"builder repo publish {again.Uuid} publishes it again", kept.Message, StringComparison.Ordinal);

        var fixedOne = await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: "fixed"), "20260103000000");
        Assert.Equal(PublishState.Published, fixedOne.State);
        await test.Repository.RemoveAsync("debian-12", _ => true, deleteFiles: false, Cancellation);
        Assert.Equal(
            PublishState.Published,
            Assert.Single(await test.Repository.PublishAsync("debian-12", [again], Cancellation, byHand: true)).State
        );
        await test.Apt().UpdateAsync();
    }

    [Fact]
    public async Task A_rollback_leaves_out_what_was_withdrawn()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101000000");
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], "other"), "20260101000000");
        await test.Repository.RemoveAsync("debian-12", package => package.Name == "hello", deleteFiles: true, Cancellation);

        var back = await test.Repository.RollbackAsync("debian-12", 2, Cancellation);

        Assert.Equal("back to 2, without hello (withdrawn)", back.Note);
        Assert.Equal(["other"], (await test.Repository.ListAsync("debian-12", Cancellation)).Select(package => package.Name));
        Assert.Empty(Directory.EnumerateFiles(test.Settings.Directory, "hello_*.deb", SearchOption.AllDirectories));
        await test.Apt().UpdateAsync();
    }

    [Theory]
    [InlineData("names")]
    [InlineData("index all")]
    [InlineData("InRelease")]
    [InlineData("built")]
    [InlineData("moved")]
    [InlineData("live")]
    public async Task Cut_off_at_any_point_it_is_there_or_gone_and_gone_after_the_next_try(string cut)
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101000000");
        var cutOff = new DebianRepository(test.Settings, test.Key, TimeProvider.System)
        {
            Checkpoint = point =>
            {
                if (point == cut)
                    throw new InvalidOperationException("the power went");
            },
        };

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            cutOff.RemoveAsync("debian-12", _ => true, deleteFiles: true, Cancellation)
        );

        await test.Apt().UpdateAsync();
        Assert.Equal(cut == "live" ? 0 : 1, (await test.Repository.ListAsync("debian-12", Cancellation)).Count);
        await test.Repository.RemoveAsync("debian-12", _ => true, deleteFiles: true, Cancellation);
        Assert.Empty(await test.Repository.ListAsync("debian-12", Cancellation));
        await test.Apt().UpdateAsync();
    }
}
