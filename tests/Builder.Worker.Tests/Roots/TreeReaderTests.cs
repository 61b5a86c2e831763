using System.Diagnostics;
using Builder.Testing;
using Builder.Worker.Roots;

namespace Builder.Worker.Tests.Roots;

public sealed class TreeReaderTests
{
    /// <summary>The digest as docs/executors.md describes it, by find, sha256sum and sort.</summary>
    private const string ByStockTools = """
        cd "$1" && find . -printf '%p\0' | LC_ALL=C sort -z | while IFS= read -r -d '' path; do
          set -- $(stat -c '%f %a %u %g %t %T' "$path")
          case $(( 0x$1 >> 12 )) in
            8) type=f; detail=$(sha256sum < "$path"); detail=${detail%% *};;
            4) type=d; detail=-;;
            10) type=l; detail=$(readlink -n "$path" | sha256sum); detail=${detail%% *};;
            1) type=p; detail=-;;
            12) type=s; detail=-;;
            2) type=c; detail=$((0x$5)):$((0x$6));;
            6) type=b; detail=$((0x$5)):$((0x$6));;
          esac
          printf '%s %s %s %s %s %s\0' "$type" "$2" "$3" "$4" "$detail" "$path"
        done | sha256sum
        """;

    [Fact]
    public async Task Its_digest_is_what_stock_tools_compute()
    {
        Requirement.Programs("bash");
        using var directory = new TemporaryDirectory();
        await SmallRoot.MakeAsync(directory["tree"]);
        await RunAsync(
            """cd "$1"; mkdir a a-b; echo 1 > a/x; echo 2 > 'a-b/with blank'; printf x > "$(printf 'new\nline')"; mkfifo pipe; ln -s nowhere broken; chmod 4755 bin/ls""",
            directory["tree"]
        );
        if (Environment.IsPrivilegedProcess)
            await RunAsync("""cd "$1"; mknod null c 1 3; chown 12:34 a/x""", directory["tree"]);

        var reading = TreeReader.Read(directory["tree"], TestContext.Current.CancellationToken);

        Assert.Equal(await RunAsync(ByStockTools, directory["tree"]), $"{reading.Sha256}  -\n");
    }

    [Theory]
    [InlineData("echo other > etc/name-of-tree", true)]
    [InlineData("chmod 700 etc", true)]
    [InlineData("ln -sfn /elsewhere link", true)]
    [InlineData("mv bin/ls bin/dir", true)]
    [InlineData("mkdir empty", true)]
    [InlineData("touch -d 2001-01-01 etc/name-of-tree", false)]
    [InlineData("cp etc/name-of-tree x && mv x etc/name-of-tree", false)]
    public async Task Whatever_is_changed_is_noticed_and_what_jobs_could_tell_changes_the_digest(string change, bool isOther)
    {
        using var directory = new TemporaryDirectory();
        await SmallRoot.MakeAsync(directory["tree"]);
        var before = TreeReader.Read(directory["tree"], TestContext.Current.CancellationToken);
        Assert.Equal(before.State, TreeReader.ReadState(directory["tree"], TestContext.Current.CancellationToken));

        await RunAsync($"cd \"$1\" && {change}", directory["tree"]);

        Assert.NotEqual(before.State, TreeReader.ReadState(directory["tree"], TestContext.Current.CancellationToken));
        Assert.Equal(isOther, before.Sha256 != TreeReader.Read(directory["tree"], TestContext.Current.CancellationToken).Sha256);
    }

    [Fact]
    public void What_is_no_tree_is_refused_with_the_way_to_get_one()
    {
        using var directory = new TemporaryDirectory();

        var missing = Assert.Throws<IOException>(() => RootTree.Open(directory["missing"], TestContext.Current.CancellationToken));
        var own = Assert.Throws<IOException>(() => RootTree.Open("/", TestContext.Current.CancellationToken));

        Assert.Contains("builder root make", missing.Message, StringComparison.Ordinal);
        Assert.StartsWith("--root /: this is the machine's own root directory", own.Message, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string script, string tree)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script, "bash", tree]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
