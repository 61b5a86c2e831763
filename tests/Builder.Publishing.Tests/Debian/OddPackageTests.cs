using Builder.Publishing.Packages;

namespace Builder.Publishing.Tests.Debian;

/// <summary>What apt or dpkg cannot read is never published, and what they take is: asked of the real programs.</summary>
public sealed class OddPackageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_odd_package_is_refused_with_its_reason_or_taken_by_apt_and_dpkg()
    {
        using var test = await DebianTestRepository.CreateAsync();
        var odd = OddPackages.All.ToList();
        Assert.InRange(odd.Count, 150, 1000);
        var builds = new List<PublishableBuild>();
        foreach (var (i, package) in odd.Index())
        {
            var file = await RawDeb.WriteAsync(test["debs"], await package.Make($"odd-{i}", test["work"]));
            builds.Add(DebMaker.Build(file, "20260101000000", job: $"job-{i}"));
        }
        var good = DebMaker.Build(await DebMaker.MakeAsync(test["debs"], "good"), "20260101000000");

        var outcomes = await test.Repository.PublishAsync("debian-12", [.. builds, good], Cancellation);

        var wrong = odd.Zip(outcomes)
            .Where(pair =>
                pair.First.Refusal is { } words
                    ? pair.Second.State != PublishState.Refused || !pair.Second.Message.Contains(words, StringComparison.Ordinal)
                    : pair.Second.State != PublishState.Published
            )
            .Select(pair => $"{pair.First.Label}: {pair.Second.Message}");
        Assert.Empty(wrong);

        var apt = test.Apt();
        await apt.UpdateAsync();
        await apt.InstallAsync("good");
        foreach (var outcome in outcomes.Where(outcome => outcome.State == PublishState.Published))
            await TakenByDpkgAsync(test, outcome.Package!);
    }

    public static TheoryData<string> Reported =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Vectors", "debs")).Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Reported))]
    public async Task A_package_of_the_reports_is_refused_or_taken_by_apt_and_dpkg(string file)
    {
        using var test = await DebianTestRepository.CreateAsync();

        var outcome = await test.PublishAsync(Path.Combine(AppContext.BaseDirectory, "Vectors", "debs", file), "20260101000000");

        Assert.Equal(file is "odd-noeofc.deb" or "odd-noeofd.deb" ? PublishState.Published : PublishState.Refused, outcome.State);
        if (outcome.Package is { } package)
        {
            await test.Apt().UpdateAsync();
            await TakenByDpkgAsync(test, package);
        }
    }

    /// <summary>Into an empty root of its own; what it depends on is not there, which does not matter for unpacking.</summary>
    private static async Task TakenByDpkgAsync(DebianTestRepository test, PublishedPackage package)
    {
        var root = test[$"root-{Guid.NewGuid():N}"];
        foreach (var folder in (string[])["info", "updates", "triggers"])
            Directory.CreateDirectory(Path.Combine(root, "var/lib/dpkg", folder));
        await File.WriteAllTextAsync(Path.Combine(root, "var/lib/dpkg/status"), "", Cancellation);
        var (exitCode, output) = await Tools.RunAsync(
            "dpkg",
            [
                $"--root={root}",
                "--force-not-root",
                "--force-bad-path",
                "--force-depends",
                $"--log={root}/log",
                "--unpack",
                Path.Combine(test.Settings.Directory, package.FileName),
            ]
        );
        Assert.True(exitCode == 0, $"{package.Name}: {output}");
        // Names that are not UTF-8 are there, which .NET cannot name.
        await Tools.SucceedAsync("rm", ["-r", root]);
    }
}
