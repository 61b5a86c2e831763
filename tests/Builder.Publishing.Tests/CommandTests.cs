using System.Reflection;
using Builder.Publishing.Tests.Debian;

namespace Builder.Publishing.Tests;

/// <summary>The commands as an operator gives them, in the real program.</summary>
public sealed class CommandTests
{
    private static readonly string Executable = typeof(CommandTests)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "BuilderExecutable")
        .Value!;

    [Fact]
    public async Task A_repository_is_set_up_filled_listed_copied_and_rolled_back()
    {
        await using var site = await TestSite.CreateAsync();
        var first = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"], content: "first"), "20260101000000");
        var second = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"], content: "second"), "20260102000000");
        var unfit = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"], version: "1"), "20260103000000");

        Assert.Contains("No repository is set up", await FailAsync(site, 1, "repo", "list"), StringComparison.Ordinal);
        Assert.Contains("Give --debian or --freebsd", await FailAsync(site, 2, "repo", "init"), StringComparison.Ordinal);
        Assert.Contains(
            "signed by",
            await RunAsync(site, "repo", "init", "--debian", "--key-type", "ed25519", "--name", "Ours"),
            StringComparison.Ordinal
        );
        Assert.Contains("signed by", await RunAsync(site, "repo", "init", "--freebsd"), StringComparison.Ordinal);
        Assert.Contains("is there already", await FailAsync(site, 1, "repo", "init", "--debian"), StringComparison.Ordinal);

        await RunAsync(site, "repo", "publish", $"{first}");
        await RunAsync(site, "repo", "publish", $"{second}");
        Assert.Contains("cannot be published", await FailAsync(site, 1, "repo", "publish", $"{unfit}"), StringComparison.Ordinal);
        Assert.Contains($"\thello-deb\t{second}\n", await RunAsync(site, "repo", "list"), StringComparison.Ordinal);
        Assert.Contains("\tcurrent\tpublish hello\n", await RunAsync(site, "repo", "list", "--snapshots"), StringComparison.Ordinal);
        Assert.Contains("is back to 1, as snapshot 3", await RunAsync(site, "repo", "rollback", "debian-12"), StringComparison.Ordinal);
        Assert.Contains($"\thello-deb\t{first}\n", await RunAsync(site, "repo", "list"), StringComparison.Ordinal);

        await RunAsync(site, "repo", "publish", "--to", site["copy"]);
        await Tools.SucceedAsync(
            "gpg",
            ["--homedir", site.Config, "--batch", "--dearmor", "--output", site["key.gpg"], site["copy/apt/key.asc"]]
        );
        var apt = new AptRoot(site["apt"], $"file:{site["copy/apt"]}", "debian-12", site["key.gpg"]);
        await apt.UpdateAsync();
        await apt.InstallAsync("hello");
        Assert.Equal("first", apt.Read("usr/share/hello/greeting"));
        Assert.True(File.Exists(site["copy/pkg/fingerprint"]));
    }

    [Fact]
    public async Task A_package_is_withdrawn_its_name_given_away_and_removals_say_what_stays_published()
    {
        await using var site = await TestSite.CreateAsync();
        var first = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"], content: "first"), "20260101000000");
        var other = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"], content: "second"), "20260102000000", job: "other");
        await RunAsync(site, "repo", "init", "--debian", "--key-type", "ed25519");
        await RunAsync(site, "repo", "publish", $"{first}");

        Assert.Equal("apt\thello\t*\thello-deb\tpublished first\n", await RunAsync(site, "repo", "owners"));
        Assert.Contains("belongs to job hello-deb", await FailAsync(site, 1, "repo", "publish", $"{other}"), StringComparison.Ordinal);
        Assert.Contains(
            "offers no package \"nothing\"",
            await FailAsync(site, 1, "repo", "remove", "debian-12", "nothing"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "there is no distribution \"plan9\"",
            await FailAsync(site, 1, "repo", "remove", "plan9", "hello"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"withdrawn\tdebian-12\thello\t",
            await RunAsync(site, "repo", "remove", "debian-12", "hello"),
            StringComparison.Ordinal
        );
        Assert.Equal("", await RunAsync(site, "repo", "list"));

        Assert.Contains("Give a job, or --nobody", await FailAsync(site, 2, "repo", "assign", "hello"), StringComparison.Ordinal);
        Assert.Contains("not the name of a package", await FailAsync(site, 2, "repo", "assign", "../x", "other"), StringComparison.Ordinal);
        Assert.Equal("hello belongs to other.\n", await RunAsync(site, "repo", "assign", "hello", "other"));
        Assert.Equal("apt\thello\t*\tother\tassigned\n", await RunAsync(site, "repo", "owners", "debian-12"));
        await RunAsync(site, "repo", "publish", $"{other}");

        Assert.Contains(
            "in debian-12; to withdraw it: builder repo remove debian-12 hello",
            await RunAsync(site, "db", "job-remove", "other"),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "stays published",
            await RunAsync(site, "db", "vacuum", "older-than", "2030-01-01", "--dry-run"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Hooks_are_listed_read_and_run_again_also_as_a_verb_of_web()
    {
        await using var site = await TestSite.CreateAsync();
        Assert.Contains("Nothing was ever due", await FailAsync(site, 1, "hooks", "list"), StringComparison.Ordinal);
        using (var queue = await site.StartQueueAsync())
        {
            await site.HookAsync("upload-hooks", "fails.sh", $"echo from the hook; test -e {site["mended"]}");
            await site.StoreAsync(await site.FileAsync("x"));
            await queue.DrainAsync(TestContext.Current.CancellationToken);
        }

        var listed = await RunAsync(site, "web", "hooks", "list");
        Assert.Matches("^1\tfailed\t.*\tupload-hooks/fails.sh\t.*\tended with status 1\n$", listed);
        Assert.Contains("from the hook\n", await RunAsync(site, "hooks", "log", "1"), StringComparison.Ordinal);
        Assert.Contains("There is no run 7", await FailAsync(site, 1, "hooks", "log", "7"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(site["mended"], "", TestContext.Current.CancellationToken);
        await RunAsync(site, "hooks", "rerun", "--failed", "--now");
        Assert.Contains("\tdone\t", await RunAsync(site, "hooks", "list"), StringComparison.Ordinal);
        Assert.Contains("Give the number", await FailAsync(site, 2, "hooks", "rerun"), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(TestSite site, params string[] arguments)
    {
        var (exitCode, output) = await Tools.RunAsync(Executable, [.. arguments, "--datadir", site.Data, "--configdir", site.Config]);
        Assert.True(exitCode == 0, output);
        return output;
    }

    private static async Task<string> FailAsync(TestSite site, int expected, params string[] arguments)
    {
        var (exitCode, output) = await Tools.RunAsync(Executable, [.. arguments, "--datadir", site.Data, "--configdir", site.Config]);
        Assert.True(exitCode == expected, $"{exitCode}: {output}");
        return output;
    }
}
