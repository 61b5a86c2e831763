using System.Diagnostics;
using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Tests.Conversation;

namespace Builder.EndToEnd.Tests;

/// <summary>Trees for jobs: made, checked, listed, and used by workers.</summary>
public sealed class RootCommandTests : IDisposable
{
    private const string Record = """
        {"version": 1, "system": "debian-12", "tool": "by hand", "mirror": "none", "sha256": "SHA256",
         "packages": [{"name": "dash", "version": "0.5", "architecture": "amd64", "sha256": null}]}
        """;

    private readonly TemporaryDirectory directory = new();

    private string Tree => directory["tree"];

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_tree_is_checked_against_its_record_and_listed()
    {
        await SmallRoot.MakeAsync(Tree);

        var (unrecorded, printed) = await BuilderProcess.RunAsync(["root", "check", Tree]);
        Assert.Equal(0, unrecorded);
        Assert.Contains($"{Tree}.root.json is not there", printed, StringComparison.Ordinal);
        var digest = printed.Split('\n').Single(line => line.StartsWith("tree:sha256:", StringComparison.Ordinal));
        await WriteAsync($"{Tree}.root.json", Record.Replace("SHA256", digest["tree:sha256:".Length..], StringComparison.Ordinal));

        Assert.Equal((0, digest), await BuilderProcess.RunAsync(["root", "check", Tree + "/"]));
        Assert.Equal((0, $"{Tree}\tdebian-12\t1 packages\t{digest}"), await BuilderProcess.RunAsync(["root", "list", directory.Path]));
        await WriteAsync(Path.Combine(Tree, "etc/added"), "");
        var (changed, said) = await BuilderProcess.RunAsync(["root", "check", Tree]);
        Assert.Equal(1, changed);
        Assert.Contains("was changed after it was made", said, StringComparison.Ordinal);
        await WriteAsync($"{Tree}.root.json", "{}");
        var (damaged, why) = await BuilderProcess.RunAsync(["root", "check", Tree]);
        Assert.Equal(2, damaged);
        Assert.Contains("root.json is damaged", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_there_is_not_made_again_and_unknown_systems_are_named()
    {
        await SmallRoot.MakeAsync(Tree);

        var (there, said) = await BuilderProcess.RunAsync(["root", "make", "debian-12", Tree]);
        var (unknown, known) = await BuilderProcess.RunAsync(["root", "make", "debian-5", directory["other"]]);

        Assert.Equal(1, there);
        Assert.Contains("is there already", said, StringComparison.Ordinal);
        Assert.Equal(2, unknown);
        Assert.Contains("\"debian-5\" is not known; these are: debian-11, debian-12", known, StringComparison.Ordinal);
    }

    /// <summary>A real distribution, by whichever program there is: minutes, and the network.</summary>
    [Fact]
    public async Task A_real_tree_runs_jobs_and_its_packages_are_recorded_with_their_hashes()
    {
        if (Environment.GetEnvironmentVariable("BUILDER_LONG_TESTS") is not { Length: > 0 })
            return;
        Requirement.Root("make a tree with the files of its system's users");
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        await RunAsync(BuilderProcess.Executable, "root", "make", "debian-12", Tree);
        Assert.Equal(0, (await BuilderProcess.RunAsync(["root", "check", Tree])).ExitCode);
        Assert.False(Directory.Exists(Tree + ".unfinished"));
        using var record = JsonDocument.Parse(await File.ReadAllBytesAsync($"{Tree}.root.json", TestContext.Current.CancellationToken));
        var packages = record.RootElement.GetProperty("packages").EnumerateArray().ToList();
        Assert.InRange(packages.Count, 50, 300);
        Assert.All(packages, package => Assert.Equal(64, package.GetProperty("sha256").GetString()?.Length));

        using var server = new FakeServer();
        await using var worker = Worker([BuilderProcess.Executable], server);
        using var peer = await server.AcceptAsync();
        await peer.GiveAsync("dpkg-query -W dash; cat /etc/debian_version");
        var (console, finished) = await peer.TakeAsync();
        Assert.Equal(new ExecutionResult.Exited(0), finished.Result);
        Assert.StartsWith("dash\t", console[0], StringComparison.Ordinal);
        Assert.StartsWith("12.", console[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_without_rights_gives_its_jobs_a_tree_of_its_own_too()
    {
        var user = OtherUser.Free;
        await user.EnsureAsync();
        Requirement.Programs("bwrap");
        await SmallRoot.MakeAsync(Tree);
        Directory.CreateDirectory(directory["home"]);
        foreach (var path in (string[])[Tree, directory["home"]])
            await RunAsync("chown", "-R", $"{user.Id}:{user.Id}", path);
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        IReadOnlyList<string> command = [.. user.Command, BuilderProcess.Executable];
        Dictionary<string, string> environment = new() { ["HOME"] = directory["home"] };

        await using (
            var check = BuilderProcess.Start(
                command,
                ["worker", "--check", "--sandbox", "bubblewrap", "--root", Tree, "--workdir", directory["home"]],
                environment
            )
        )
        {
            var status = await check.ExitAsync();
            Requirement.Met(status is 0 or 4, $"overlays in user namespaces do not work here: {check.Transcript}");
            Assert.Contains("root of jobs: tree:sha256:", check.Transcript, StringComparison.Ordinal);
        }

        using var server = new FakeServer();
        await using var worker = Worker(command, server, environment);
        using var peer = await server.AcceptAsync();
        await peer.GiveAsync("cat /etc/name-of-tree; echo new > /made; cat /made; echo changed > /etc/name-of-tree; cat /etc/name-of-tree");
        var (console, finished) = await peer.TakeAsync();
        Assert.Equal(["small", "new", "changed"], console);
        Assert.Equal(new ExecutionResult.Exited(0), finished.Result);
        Assert.Equal("small\n", await File.ReadAllTextAsync(Path.Combine(Tree, "etc/name-of-tree"), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(Tree, "made")));
    }

    [Fact]
    public async Task A_killed_worker_leaves_neither_mounts_nor_layers()
    {
        Requirement.Programs("bwrap");
        await SmallRoot.MakeAsync(Tree);
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        using var server = new FakeServer();
        await using (var worker = Worker([BuilderProcess.Executable], server))
        {
            using var peer = await server.AcceptAsync();
            await peer.GiveAsync("echo started; echo much > /tmp/file; sleep 4321");
            Assert.NotNull(await peer.ReadAsync());
            await worker.KillAsync();
        }
        await using var next = Worker([BuilderProcess.Executable], server);
        using var second = await server.AcceptAsync();
        await second.GiveAsync("ls /open; echo fresh");
        var (console, _) = await second.TakeAsync();

        Assert.Equal(["fresh"], console);
        Assert.DoesNotContain(
            Tree,
            await File.ReadAllTextAsync("/proc/self/mountinfo", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        second.Dispose();
        Assert.Equal(0, await next.ExitAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory["home"]));
    }

    [Fact]
    public async Task A_tree_without_a_shell_is_refused_at_the_start_with_the_reason()
    {
        Requirement.Programs("bwrap");
        Directory.CreateDirectory(Tree);
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);

        await using var check = BuilderProcess.Start(
            "worker",
            "--check",
            "--sandbox",
            "bubblewrap",
            "--root",
            Tree,
            "--workdir",
            directory["home"]
        );

        Assert.Equal(5, await check.ExitAsync());
        Assert.Contains($"--root {Tree}: ", check.Transcript, StringComparison.Ordinal);
        Assert.Contains("the tree needs /bin/sh", check.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_of_a_job_is_in_what_it_records()
    {
        var root = JobRoot.OfTree(new string('b', 64));

        await using (
            var record = BuilderProcess.Start(
                ["record", "--out", directory["out"]],
                new Dictionary<string, string> { [JobRoot.Variable] = root.ToString() }
            )
        )
        {
            Assert.Equal(0, await record.ExitAsync());
        }

        Assert.Contains(
            root.PackageLine,
            await File.ReadAllLinesAsync(directory["out/system-packages"], TestContext.Current.CancellationToken)
        );
    }

    private BuilderProcess Worker(IReadOnlyList<string> command, FakeServer server, Dictionary<string, string>? environment = null) =>
        BuilderProcess.Start(
            command,
            ["worker", "debian-12", "-r", $"{server.Address}", "--workdir", directory["home"], "--sandbox", "bubblewrap", "--root", Tree],
            environment ?? []
        );

    private static Task WriteAsync(string path, string content) =>
        File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
