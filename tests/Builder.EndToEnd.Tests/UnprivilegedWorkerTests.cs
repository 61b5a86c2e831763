using System.Diagnostics;
using Builder.Hostile.Tests;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Tests.Conversation;

namespace Builder.EndToEnd.Tests;

/// <summary>The sandbox of a worker that is no more than a user, on a machine and in a container that covers parts of /proc.</summary>
public sealed class UnprivilegedWorkerTests
{
    /// <summary>As container engines do it: what is covered here keeps users from mounting a /proc of their own.</summary>
    private const string Covered = """
        for path in /proc/bus /proc/fs /proc/irq /proc/sys; do [ ! -e $path ] || mount --bind -o ro $path $path || exit 1; done
        for path in /proc/acpi /proc/scsi; do [ ! -d $path ] || mount -t tmpfs -o ro tmpfs $path || exit 1; done
        exec "$@"
        """;

    private static readonly string[] InContainer = ["unshare", "--mount", "--propagation", "private", "sh", "-c", Covered, "sh"];

    private static readonly string[] Attacks =
    [
        "secrets-of-the-worker",
        "network-of-the-host",
        "namespaces",
        "poison-shared-cache",
        "links-out",
        "hostile-permissions",
    ];

    [Fact]
    public async Task On_a_machine_its_jobs_have_the_whole_sandbox() =>
        await HoldsAsync([], "sandbox", 0, [.. Attacks, "persist-1-leave", "persist-2-look", "fork-chain"]);

    [Fact]
    public async Task In_a_container_that_covers_parts_of_proc_they_have_it_but_for_a_proc_of_their_own()
    {
        Requirement.Met(await SucceedsAsync([.. InContainer, "true"]), "only root may do this: cover parts of /proc");
        await HoldsAsync(InContainer, "sandbox-shared-proc", 4, Attacks);
    }

    private static async Task HoldsAsync(IReadOnlyList<string> around, string tier, int status, IReadOnlyList<string> attacks)
    {
        var user = OtherUser.Free;
        await user.EnsureAsync();
        Requirement.Programs("bwrap");
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["home"]);
        Assert.True(await SucceedsAsync(["chown", $"{user.Id}:{user.Id}", directory["home"]]));
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        File.SetUnixFileMode(directory["home"], (UnixFileMode)0b111_000_000);
        var remains = new FarmRemains(directory["home"]);
        var environment = new Dictionary<string, string> { ["HOME"] = directory["home"] };
        IReadOnlyList<string> command = [.. around, .. user.Command, BuilderProcess.Executable];

        await using (var check = BuilderProcess.Start(command, ["worker", "--check", "--workdir", directory["home"]], environment))
        {
            Assert.Equal(status, await check.ExitAsync());
            Assert.StartsWith($"{tier}: ", check.Transcript, StringComparison.Ordinal);
        }

        using var server = new FakeServer();
        string[] options =
        [
            "worker",
            "hostile",
            "--loop",
            "-r",
            $"{server.Address}",
            "--workdir",
            directory["home"],
            "--env",
            remains.Variable,
        ];
        await using var worker = BuilderProcess.Start(command, [.. options, "--sandbox", "bubblewrap"], environment);
        await worker.LineAsync(line => line.Contains($"isolation of jobs: {tier}: ", StringComparison.Ordinal));
        foreach (var attack in attacks.Select(HostileJob.Read))
        {
            using var peer = await server.AcceptAsync();
            await peer.GiveAsync(attack.Script);
            var (console, finished) = await peer.TakeAsync();

            Assert.DoesNotContain(console, line => line.Contains("BREACH", StringComparison.Ordinal));
            Assert.Contains("HELD", console);
            Assert.Equal(new ExecutionResult.Exited(0), finished.Result);
        }
        await remains.NothingAsync();
    }

    private static async Task<bool> SucceedsAsync(IReadOnlyList<string> command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0;
    }
}
