using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Isolation;
using Builder.Worker.Options;
using Builder.Worker.Probing;

namespace Builder.Worker.Tests.Isolation;

/// <summary>Jobs in a sandbox try to get at what is not theirs. Skipped where bubblewrap cannot work at all.</summary>
public sealed class BubblewrapTests
{
    private static readonly SandboxOptions NoNetwork = new(SandboxNetwork.None, [], []);

    [Fact]
    public async Task A_job_sees_a_read_only_system_and_leaves_files_in_its_own_directory_only()
    {
        await using var execution = await SandboxedAsync();

        using var outcome = await execution.RunAsync(
            """
            pwd; echo $HOME; hostname; id -u; whoami
            for file in /etc/builder-test /usr/builder-test /var/builder-test /builder-test; do (echo x > $file) 2>/dev/null && echo "wrote $file"; done
            ls -A /tmp; ls -A /root /home /run /srv /mnt /opt /sys 2>/dev/null | grep . || echo nothing else
            grep CapEff /proc/self/status; ls -d /proc/[0-9]* | wc -l | sed 's/^[1-9]$/few/'
            ls /proc/self/fd | tr '\n' ' '; echo
            echo result > file; echo temporary > /tmp/other; exit 5
            """
        );

        Assert.Equal(
            [
                "/tmp/build",
                "/tmp/home",
                "builder",
                "1000",
                "builder",
                "build",
                "home",
                "nothing else",
                "CapEff:\t0000000000000000",
                "few",
                "0 1 2 3 ",
            ],
            execution.Console.Text
        );
        Assert.Equal(new ExecutionResult.Exited(5), outcome.Result);
        Assert.Equal(["file"], outcome.Files.Select(file => file.Path.ToString()));
    }

    [Theory]
    [InlineData(SandboxNetwork.None)]
    [InlineData(SandboxNetwork.Host)]
    public async Task A_job_has_no_right_of_the_workers_user_and_its_limits_hold_from_its_first_instruction(SandboxNetwork network)
    {
        await using var execution = await SandboxedAsync(network: network, limits: new JobLimits { MaxDiskBytes = 4 << 20 });

        using var outcome = await execution.RunAsync(
            """
            grep -E '^(Cap|NoNewPrivs)' /proc/self/status | awk '{ print $1, $2 }'
            id -G; ulimit -f; echo > file
            """
        );

        var path = Encoding
            .UTF8.GetString(Assert.Single(outcome.Files).Location)
            .TrimEnd('\0')
            .Replace("/proc/self/", $"/proc/{Environment.ProcessId}/", StringComparison.Ordinal);
        using var owner = Process.Start(new ProcessStartInfo("stat", ["-c", "%u %g", path]) { RedirectStandardOutput = true })!;
        var outside = await owner.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (Environment.IsPrivilegedProcess)
            Assert.Equal($"{SandboxMode.Candidates()[0].JobUser} {SandboxMode.Candidates()[0].JobUser}\n", outside);
        Assert.Equal(
            [
                "CapInh: 0000000000000000",
                "CapPrm: 0000000000000000",
                "CapEff: 0000000000000000",
                "CapBnd: 0000000000000000",
                "CapAmb: 0000000000000000",
                "NoNewPrivs: 1",
                "1000",
                "8192",
            ],
            execution.Console.Text
        );
    }

    [Fact]
    public async Task A_job_cannot_speak_to_the_server_as_a_worker()
    {
        await using var execution = await SandboxedAsync();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();

        using var outcome = await execution.RunAsync(
            $"bash -c 'echo > /dev/tcp/127.0.0.1/{((IPEndPoint)server.LocalEndpoint).Port}' 2>/dev/null && echo reached || echo out of reach"
        );

        Assert.Equal(["out of reach"], execution.Console.Text);
        Assert.False(server.Pending());
    }

    [Fact]
    public async Task A_job_with_the_hosts_network_reaches_it()
    {
        await using var execution = await SandboxedAsync(network: SandboxNetwork.Host);
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();

        using var outcome = await execution.RunAsync(
            $"bash -c 'echo > /dev/tcp/127.0.0.1/{((IPEndPoint)server.LocalEndpoint).Port}' && echo reached"
        );

        Assert.Equal(["reached"], execution.Console.Text);
    }

    [Fact]
    public async Task A_job_finds_neither_another_job_nor_the_workers_secrets()
    {
        await using var other = new Tests.Execution.Execution { Environment = ["PATH=/usr/bin:/bin", "SECRET=of-another-job"] };
        var otherJob = other.RunAsync("echo private > file; echo ready; while [ -e file ]; do sleep 0.05; done");
        await other.Console.Come("ready");
        // Files that stand outside of what every sandbox hides, as a worker's key in /etc does.
        await using var execution = await SandboxedAsync(hidden: ["/etc/services", "/usr/share/doc"]);

        using var outcome = await execution.RunAsync(
            $$"""
            cat /etc/services 2>/dev/null | wc -c; ls -A /usr/share/doc | wc -l; cat /etc/shadow 2>/dev/null | wc -c
            cat /proc/[0-9]*/environ 2>/dev/null | grep -c of-another-job || echo no process
            ls {{other.WorkDirectory}} 2>/dev/null || echo no directory
            """
        );

        Assert.Equal(["0", "0", "0", "0", "no process", "no directory"], execution.Console.Text);
        Assert.False(otherJob.IsCompleted);
        File.Delete(Directory.EnumerateFiles(other.WorkDirectory, "file", SearchOption.AllDirectories).Single());
        using var otherOutcome = await otherJob;
        Assert.Equal(new ExecutionResult.Exited(0), otherOutcome.Result);
    }

    /// <summary>Namespaces of its own give a job rights over mounts, but not over those it was born with.</summary>
    [Fact]
    public async Task A_job_cannot_take_the_cover_off_what_is_hidden_not_in_namespaces_of_its_own_either()
    {
        await using var execution = await SandboxedAsync(hidden: ["/etc/services"]);

        using var outcome = await execution.RunAsync(
            """
            try='umount -l /etc/services; mkdir -p /dev/shm/all; mount --rbind / /dev/shm/all; mount -o remount,rw /
                 cat /etc/services /dev/shm/all/etc/services | wc -c; (echo x > /etc/builder-test) && echo wrote'
            sh -c "$try" 2>/dev/null || true
            unshare --user --map-root-user --mount sh -c "$try" 2>/dev/null || true
            """
        );

        Assert.Equal(new ExecutionResult.Exited(0), outcome.Result);
        Assert.All(execution.Console.Text, line => Assert.Equal("0", line));
        Assert.NotEmpty(execution.Console.Text);
    }

    [Fact]
    public async Task A_sandbox_that_cannot_be_set_up_is_the_result_and_the_script_does_not_run()
    {
        var isolation = new JobIsolation(new BubblewrapSandbox("/bin/false", SandboxMode.Candidates()[0], NoNetwork), null);
        await using var execution = new Tests.Execution.Execution { Isolation = isolation };

        using var outcome = await execution.RunAsync("echo ran > file");

        Assert.Equal(new ExecutionResult.Message(ByteString.FromUtf8("the sandbox could not be set up")), outcome.Result);
        Assert.Empty(outcome.Files);
    }

    [Theory]
    [InlineData(
        "echo 'bwrap: no permissions to create a new namespace' >&2; exit 1",
        "the sandbox could not be set up: bwrap: no permissions to create a new namespace"
    )]
    [InlineData("echo '{ \"exit-code\": 1 }' >&3; exit 1", "a job that does nothing failed in it")]
    public async Task A_sandbox_that_does_not_work_is_found_out_before_the_first_job(string program, string reason)
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["bwrap"], $"#!/bin/sh\n{program}\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(directory["bwrap"], (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_101_101);
        var isolation = new JobIsolation(new BubblewrapSandbox(directory["bwrap"], SandboxMode.Candidates()[0], NoNetwork), null);
        await using var execution = new Tests.Execution.Execution { Isolation = isolation };

        Assert.Equal(reason, await SandboxTrial.FailureAsync(execution.Runner(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_sandbox_that_works_passes_its_trial()
    {
        await using var execution = await SandboxedAsync();
        Assert.Null(await SandboxTrial.FailureAsync(execution.Runner(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_a_job_in_a_sandbox_leaves_running_is_ended()
    {
        await using var execution = await SandboxedAsync();

        using var outcome = await execution.RunAsync("setsid sleep 4321 &\nsleep 0.1; echo end");

        Assert.Equal(["end"], execution.Console.Text);
        Assert.Equal(new ExecutionResult.Exited(0), outcome.Result);
    }

    [Fact]
    public async Task What_is_shown_below_the_temporary_directory_is_there_and_read_only()
    {
        using var directory = new TemporaryDirectory();
        foreach (var name in (string[])["tools", "secret"])
        {
            Directory.CreateDirectory(directory[name]);
            await File.WriteAllTextAsync(Path.Combine(directory[name], "file"), name, TestContext.Current.CancellationToken);
        }
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_101_101);
        await using var execution = await SandboxedAsync(shown: [directory.Path], hidden: [directory["secret"]]);

        using var outcome = await execution.RunAsync(
            $"cat {directory["tools"]}/file; echo; ls -A {directory["secret"]}; (echo x > {directory["tools"]}/other) 2>/dev/null || echo read-only; echo mine > /tmp/other"
        );

        Assert.Equal(["tools", "read-only"], execution.Console.Text);
        Assert.Equal(new ExecutionResult.Exited(0), outcome.Result);
    }

    private static async Task<Tests.Execution.Execution> SandboxedAsync(
        SandboxNetwork network = SandboxNetwork.None,
        IReadOnlyList<string>? hidden = null,
        JobLimits? limits = null,
        IReadOnlyList<string>? shown = null
    )
    {
        Requirement.Programs("bwrap");
        var isolation = new JobIsolation(
            new BubblewrapSandbox("/usr/bin/bwrap", SandboxMode.Candidates()[0], new SandboxOptions(network, shown ?? [], hidden ?? [])),
            null
        );
        await using (var attempt = new Tests.Execution.Execution { Isolation = isolation })
        {
            using var outcome = await attempt.RunAsync(":");
            Requirement.Met(
                outcome.Result is not ExecutionResult.Message,
                $"bubblewrap does not work here: {string.Join(' ', attempt.Console.Text)}"
            );
        }
        return new Tests.Execution.Execution { Isolation = isolation, Limits = limits ?? JobLimits.None };
    }
}
