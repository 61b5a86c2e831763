using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Isolation;
using Builder.Worker.Options;
using Builder.Worker.Roots;
using Builder.Worker.Tests.Conversation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Worker.Tests.Roots;

/// <summary>Jobs whose root directory is a tree of its own.</summary>
public sealed class RootTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private string Tree => directory["tree"];

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_job_sees_the_tree_and_nothing_of_the_machine()
    {
        await using var execution = await InTreeAsync();

        using var outcome = await execution.RunAsync(
            """
            pwd; id -u; hostname; cat /etc/name-of-tree /link; ls /; ls /etc /usr /home /root /opt 2>/dev/null || :
            cat /etc/passwd; echo "$BUILDER_ROOT"; echo result > file; echo temporary > /tmp/other; exit 5
            """
        );

        Assert.Equal(
            [
                "/tmp/build",
                "1000",
                "builder",
                "small",
                "small",
                .. string.Join('\n', ["bin", "dev", "etc", "lib", "lib64", "link", "open", "proc", "tmp", "usr", "var"]).Split('\n'),
                "/etc:",
                "group",
                "name-of-tree",
                "passwd",
                "",
                "/usr:",
                "share",
                "root:x:0:0:root:/:/bin/sh",
                "builder:x:1000:1000::/tmp/home:/bin/sh",
                "nobody:x:65534:65534::/:/bin/false",
                $"tree:sha256:{TreeReader.Read(Tree, TestContext.Current.CancellationToken).Sha256}",
            ],
            execution.Console.Text.Where(static line => line is not "lib32" and not "libx32")
        );
        Assert.Equal(new ExecutionResult.Exited(5), outcome.Result);
        Assert.Equal(["file"], outcome.Files.Select(file => file.Path.ToString()));
    }

    [Fact]
    public async Task What_a_job_writes_is_gone_with_it_and_the_tree_is_as_before()
    {
        Requirement.Root("write to directories of root's through an overlay");
        await using var execution = await InTreeAsync();
        var before = TreeReader.Read(Tree, TestContext.Current.CancellationToken);

        for (var i = 0; i < 2; i++)
        {
            using var outcome = await execution.RunAsync(
                "ls /open; echo mine > /open/file; cat /open/file; (echo x > /etc/name-of-tree) 2>/dev/null || echo not allowed; rm -f /open/file; mkdir -p /open/a/b"
            );
            Assert.Equal(new ExecutionResult.Exited(0), outcome.Result);
        }

        Assert.Equal(["mine", "not allowed", "mine", "not allowed"], execution.Console.Text);
        Assert.Equal(before, TreeReader.Read(Tree, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFileSystemEntries(execution.WorkDirectory));
        Assert.DoesNotContain(
            execution.WorkDirectory,
            await File.ReadAllTextAsync("/proc/self/mountinfo", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Links_of_a_tree_lead_nobody_out_of_it()
    {
        Directory.CreateDirectory(directory["outside"]);
        await using var execution = await InTreeAsync(tree =>
        {
            Directory.Delete(Path.Combine(tree, "etc"), recursive: true);
            File.CreateSymbolicLink(Path.Combine(tree, "etc"), directory["outside"]);
            File.CreateSymbolicLink(Path.Combine(tree, "var"), directory["outside"]);
            File.CreateSymbolicLink(Path.Combine(tree, "proc"), directory["outside"]);
        });

        using var outcome = await execution.RunAsync("ls /etc; ls /var; ls /proc/self/fd > /dev/null && echo proc");

        Assert.Equal(["group", "passwd", "tmp", "proc"], execution.Console.Text);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory["outside"]));
    }

    [Fact]
    public async Task What_is_shown_of_the_machine_is_there_read_only()
    {
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        Directory.CreateDirectory(directory["shown"]);
        await File.WriteAllTextAsync(directory["shown/file"], "shown\n", TestContext.Current.CancellationToken);
        Directory.CreateDirectory("/opt/builder-test-of-roots");
        try
        {
            await using var execution = await InTreeAsync(shown: ["/opt/builder-test-of-roots", "/etc/os-release", directory["shown"]]);

            using var outcome = await execution.RunAsync(
                $"ls /opt; head -n 1 /etc/os-release > /dev/null && echo release; cat {directory["shown/file"]}; echo x 2>/dev/null > {directory["shown/file"]} || echo read-only"
            );

            Assert.Equal(["builder-test-of-roots", "release", "shown", "read-only"], execution.Console.Text);
        }
        finally
        {
            Directory.Delete("/opt/builder-test-of-roots");
        }
    }

    [Fact]
    public async Task A_result_is_not_sent_when_its_tree_was_changed_meanwhile_and_the_server_learns_the_new_digest()
    {
        await SmallRoot.MakeAsync(Tree);
        Requirement.Programs("bwrap");
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        Directory.CreateDirectory(directory["signal"]);
        using var server = new FakeServer();
        using var stop = new CancellationTokenSource();
        var worker = new BuilderWorker(
            new WorkerOptions
            {
                Platform = Platform.Parse("debian-12"),
                Remote = server.Address,
                Loop = true,
                WorkDirectory = directory["work"],
                Link = new LinkOptions { Extended = true },
                Isolation = new IsolationOptions
                {
                    Sandbox = SandboxKind.Bubblewrap,
                    Root = Tree,
                    Shown = [directory["signal"]],
                },
            },
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(stop.Token);

        JobRoot first;
        using (var peer = await server.AcceptAsync())
        {
            first = await WelcomeAsync(peer);
            var uuid = BuildUuid.NewRandom();
            await peer.WriteAsync(
                new Command.JobSchedule(
                    uuid,
                    FakeServer.Peer.ScriptOf($"echo started; until [ -e {directory["signal/changed"]} ]; do sleep 0.05; done")
                )
            );
            Assert.IsType<Command.Output>(await peer.ReadAsync());
            await File.WriteAllTextAsync(Path.Combine(Tree, "etc/changed"), "", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(directory["signal/changed"], "", TestContext.Current.CancellationToken);
            while (await peer.ReadAsync() is { } command)
                Assert.IsNotType<Command.JobFinished>(command);
        }
        using (var peer = await server.AcceptAsync())
        {
            var second = await WelcomeAsync(peer);
            Assert.NotEqual(first, second);
            Assert.Equal(JobRoot.OfTree(TreeReader.Read(Tree, TestContext.Current.CancellationToken).Sha256), second);
            await stop.CancelAsync();
        }
        await worker;
    }

    private static async Task<JobRoot> WelcomeAsync(FakeServer.Peer peer)
    {
        Assert.IsType<Command.ClientHello>(await peer.ReadAsync());
        await peer.WriteAsync(new Command.ServerHello());
        Assert.IsType<Command.PeerIdentity>(await peer.ReadAsync());
        await peer.WriteAsync(new Command.Success());
        var facts = WorkerFacts.From(Assert.IsType<Command.Request>(await peer.ReadAsync()));
        Assert.IsType<Command.JobRequested>(await peer.ReadAsync());
        return Assert.IsType<JobRoot>(facts.Isolation.Root);
    }

    private async Task<Tests.Execution.Execution> InTreeAsync(Action<string>? change = null, IReadOnlyList<string>? shown = null)
    {
        Requirement.Programs("bwrap", "unshare", "setpriv");
        await SmallRoot.MakeAsync(Tree);
        change?.Invoke(Tree);
        var root = RootTree.Open(Tree, TestContext.Current.CancellationToken);
        var isolation = new JobIsolation(
            new BubblewrapSandbox(
                "/usr/bin/bwrap",
                SandboxMode.Candidates()[0],
                new SandboxOptions(SandboxNetwork.None, shown ?? [], [], Root: root)
            ),
            null
        )
        {
            Root = root,
        };
        await using (var attempt = new Tests.Execution.Execution { Isolation = isolation })
        {
            using var outcome = await attempt.RunAsync(":");
            Requirement.Met(
                outcome.Result is not ExecutionResult.Message,
                $"overlays do not work here: {string.Join(' ', attempt.Console.Text)}"
            );
        }
        return new Tests.Execution.Execution { Isolation = isolation };
    }
}
