using Builder.Publishing.Debian;
using Builder.Publishing.Files;
using Builder.Publishing.Packages;

namespace Builder.Publishing.Tests.Debian;

public sealed class DebianRepositoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_hash_is_published_once_and_an_older_build_does_not_replace_a_newer_one()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var newer = await DebMaker.MakeAsync(test["debs"], content: "newer");
        var older = await DebMaker.MakeAsync(test["debs"], content: "older");

        Assert.Equal(PublishState.Published, (await test.PublishAsync(newer, "20260102000000")).State);
        Assert.Equal(PublishState.AlreadyPublished, (await test.PublishAsync(newer, "20260103000000")).State);
        Assert.Equal(PublishState.Superseded, (await test.PublishAsync(older, "20260101000000")).State);

        Assert.Equal("20260102000000", Assert.Single(await ListAsync(test)).Version.Split('-')[3]);
        Assert.Single(test.Repository.Snapshots("debian-12"));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_the_reason_and_the_rest_of_the_batch_goes_out()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var good = await DebMaker.MakeAsync(test["debs"], "good");
        var version = await DebMaker.MakeAsync(test["debs"], "version", version: "1.0-1");
        var architecture = await DebMaker.MakeAsync(test["debs"], "arch", architecture: "i386");
        var broken = test["broken.deb"];
        await File.WriteAllTextAsync(broken, "nothing", Cancellation);

        var outcomes = await test.Repository.PublishAsync(
            "debian-12",
            [.. new[] { version, good, architecture, broken }.Select(deb => DebMaker.Build(deb, "20260101000000"))],
            Cancellation
        );

        Assert.Equal(
            [PublishState.Refused, PublishState.Published, PublishState.Refused, PublishState.Refused],
            outcomes.Select(outcome => outcome.State)
        );
        Assert.Contains("\"1.0-1\" cannot be published", outcomes[0].Message, StringComparison.Ordinal);
        Assert.Contains("architecture i386", outcomes[2].Message, StringComparison.Ordinal);
        Assert.Contains("not a Debian package", outcomes[3].Message, StringComparison.Ordinal);
        Assert.Equal(["good"], (await ListAsync(test)).Select(package => package.Name));
    }

    [Fact]
    public async Task A_refusal_leaves_no_trace()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101000000");
        var before = Tree(test);

        var refused = await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], version: "2"), "20260102000000");

        Assert.Equal(PublishState.Refused, refused.State);
        Assert.Equal(before, Tree(test));
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("a b")]
    [InlineData(".hidden")]
    [InlineData("$(reboot)")]
    public async Task A_platform_that_is_no_name_for_a_distribution_is_refused(string platform)
    {
        using var test = await DebianTestRepository.CreateAsync();
        var deb = await DebMaker.MakeAsync(test["debs"]);

        var outcome = Assert.Single(await test.Repository.PublishAsync(platform, [DebMaker.Build(deb, "20260101000000")], Cancellation));

        Assert.Equal(PublishState.Refused, outcome.State);
        Assert.False(Directory.Exists(test.Settings.Directory));
    }

    [Fact]
    public async Task Concurrent_publications_wait_for_each_other()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var debs = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => DebMaker.MakeAsync(test["debs"], $"package{i}")));

        var outcomes = await Task.WhenAll(debs.Select(deb => test.PublishAsync(deb, "20260101000000")));

        Assert.All(outcomes, outcome => Assert.Equal(PublishState.Published, outcome.State));
        Assert.Equal(6, (await ListAsync(test)).Count);
    }

    [Fact]
    public async Task Old_snapshots_and_the_packages_that_only_they_name_go()
    {
        using var test = await DebianTestRepository.CreateAsync(settings =>
            settings with
            {
                Retention = new(Snapshots: 2, TimeSpan.Zero, MaxSnapshots: 100),
            }
        );
        for (var day = 1; day <= 9; day++)
            await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: $"{day}"), $"2026010{day}000000");

        var kept = test.Repository.Snapshots("debian-12").Count;
        Assert.InRange(kept, 3, 4);
        Assert.Equal(kept, Directory.EnumerateFiles(test.Settings.Directory, "*.deb", SearchOption.AllDirectories).Count());
        await test.Apt().UpdateAsync();
    }

    /// <summary>Every place where a publication does something that lasts.</summary>
    public static TheoryData<string> Checkpoints =>
        ["packed", "pooled", "names", "index all", "index arm64", "release", "InRelease", "Release.gpg", "built", "moved", "live"];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task Cut_off_at_any_point_the_repository_is_the_old_or_the_new_one(string cut)
    {
        using var test = await DebianTestRepository.CreateAsync();
        var first = await DebMaker.MakeAsync(test["debs"], content: "first");
        var second = await DebMaker.MakeAsync(test["debs"], content: "second");
        await test.PublishAsync(first, "20260101000000");
        var old = Assert.Single(await ListAsync(test));
        var cutOff = new DebianRepository(test.Settings, test.Key, TimeProvider.System)
        {
            Checkpoint = point =>
            {
                if (point == cut)
                    throw new InvalidOperationException("the power went");
            },
        };

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            cutOff.PublishAsync("debian-12", [DebMaker.Build(second, "20260102000000")], Cancellation)
        );

        var apt = test.Apt();
        await apt.UpdateAsync();
        await apt.InstallAsync("hello");
        Assert.Equal(cut == "live" ? "second" : "first", apt.Read("usr/share/hello/greeting"));
        var again = await test.PublishAsync(second, "20260102000000");
        Assert.Equal(cut == "live" ? PublishState.AlreadyPublished : PublishState.Published, again.State);
        Assert.NotEqual(old, Assert.Single(await ListAsync(test)));
        Assert.Equal([1, 2], test.Repository.Snapshots("debian-12").Select(snapshot => snapshot.Number));
        Assert.False(
            Directory.Exists(Path.Combine(test.Settings.Directory, ".incoming"))
                && cut != "live"
                && Directory.EnumerateFileSystemEntries(Path.Combine(test.Settings.Directory, ".incoming")).Any()
        );
        await apt.UpdateAsync();
        await apt.InstallAsync("hello");
        Assert.Equal("second", apt.Read("usr/share/hello/greeting"));
    }

    [Fact]
    public async Task Going_back_twice_goes_back_two_publications()
    {
        using var test = await DebianTestRepository.CreateAsync();
        for (var day = 1; day <= 3; day++)
            await test.PublishAsync(await DebMaker.MakeAsync(test["debs"], content: $"{day}"), $"2026010{day}000000");
        async Task<string> DayAsync() => Assert.Single(await ListAsync(test)).Version.Split('-')[3];

        await test.Repository.RollbackAsync("debian-12", null, Cancellation);
        Assert.Equal("20260102000000", await DayAsync());
        await test.Repository.RefreshAsync("debian-12", Cancellation);
        await test.Repository.RollbackAsync("debian-12", null, Cancellation);
        Assert.Equal("20260101000000", await DayAsync());
        await Assert.ThrowsAsync<RepositoryException>(() => test.Repository.RollbackAsync("debian-12", null, Cancellation));
        await test.Repository.RollbackAsync("debian-12", 3, Cancellation);
        Assert.Equal("20260103000000", await DayAsync());
    }

    [Fact]
    public async Task A_rollback_names_what_there_is()
    {
        using var test = await DebianTestRepository.CreateAsync();
        await test.PublishAsync(await DebMaker.MakeAsync(test["debs"]), "20260101000000");

        var none = await Assert.ThrowsAsync<RepositoryException>(() => test.Repository.RollbackAsync("debian-12", null, Cancellation));
        var unknown = await Assert.ThrowsAsync<RepositoryException>(() => test.Repository.RollbackAsync("debian-12", 7, Cancellation));
        var nowhere = await Assert.ThrowsAsync<RepositoryException>(() => test.Repository.RollbackAsync("plan9", null, Cancellation));

        Assert.Contains("no earlier snapshot", none.Message, StringComparison.Ordinal);
        Assert.Contains("there are: 1", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("there are: debian-12", nowhere.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<PublishedPackage>> ListAsync(DebianTestRepository test) =>
        test.Repository.ListAsync("debian-12", Cancellation);

    private static IEnumerable<string> Tree(DebianTestRepository test) =>
        [
            .. Directory
                .EnumerateFiles(test.Settings.Directory, "*", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(file => $"{file} {DebMaker.Sha256(file)}"),
        ];
}
