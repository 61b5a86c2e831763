using System.Net;
using System.Net.Sockets;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Options;

namespace Builder.Hostile.Tests;

/// <summary>The jobs in the folder Jobs, on a real worker with the sandbox.</summary>
public sealed class HostileJobTests
{
    public static TheoryData<string> Jobs => [.. HostileJob.Names];

    /// <summary>Each twice: the second one runs on what the first has left.</summary>
    [Theory]
    [MemberData(nameof(Jobs))]
    public async Task A_hostile_job_reaches_nothing_and_leaves_nothing(string name)
    {
        var job = HostileJob.Read(name);
        await using var worker = await HostileWorker.StartAsync();

        for (var i = 0; i < 2; i++)
        {
            var (console, finished) = await worker.RunAsync(job.Script);
            AssertHeld(job, console, finished);
        }
        var (after, _) = await worker.RunAsync(HostileJob.Read("persist-2-look").Script);

        Assert.Equal(["HELD"], after);
        Assert.Empty(SurvivingProcesses());
    }

    [Fact]
    public async Task What_one_job_leaves_the_next_one_does_not_find()
    {
        await using var worker = await HostileWorker.StartAsync();

        foreach (var job in (HostileJob[])[HostileJob.Read("persist-1-leave"), HostileJob.Read("persist-2-look")])
        {
            var (console, finished) = await worker.RunAsync(job.Script);
            AssertHeld(job, console, finished);
        }
    }

    [Fact]
    public async Task Jobs_that_run_at_the_same_time_do_not_reach_each_other()
    {
        await using var first = await HostileWorker.StartAsync();
        await using var second = await HostileWorker.StartAsync(beside: first);
        var victim = HostileJob.Read("overlap-victim");
        var attacker = HostileJob.Read("overlap-attacker");

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var victims = first.RunAsync(victim.Script, started.SetResult);
        await started.Task;
        var (attackersConsole, attackersEnd) = await second.RunAsync(attacker.Script);
        Assert.False(victims.IsCompleted, "the attack came too late");
        var (victimsConsole, victimsEnd) = await victims;

        AssertHeld(attacker, attackersConsole, attackersEnd);
        AssertHeld(victim, victimsConsole, victimsEnd);
        Assert.Equal(["the victim is ready", "HELD"], victimsConsole);
    }

    [Theory]
    [InlineData(SandboxNetwork.None)]
    [InlineData(SandboxNetwork.Outbound)]
    public async Task A_job_reaches_neither_the_server_nor_anything_else_on_this_machine(SandboxNetwork network)
    {
        if (network != SandboxNetwork.None)
            Requirement.Programs("slirp4netns");
        using var everywhere = new TcpListener(IPAddress.Any, 0);
        everywhere.Start();
        var port = ((IPEndPoint)everywhere.LocalEndpoint).Port;
        var own = Dns.GetHostAddresses(Dns.GetHostName(), AddressFamily.InterNetwork)
            .Concat(
                System
                    .Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
                    .SelectMany(card => card.GetIPProperties().UnicastAddresses)
                    .Select(entry => entry.Address)
                    .Where(address => address.AddressFamily == AddressFamily.InterNetwork)
            )
            .Distinct();
        await using var worker = await HostileWorker.StartAsync(network: network);
        var job = HostileJob.Read("network-of-the-host");
        var targets = own.Select(address => $"{address}/{port}")
            .Append($"10.0.2.2/{port}")
            .Append($"10.0.3.2/{port}")
            .Append($"{worker.ServerAddress.Host}/{worker.ServerAddress.Port}");

        var (console, finished) = await worker.RunAsync(
            job.Script.Replace("${PORTS:-", $"{string.Join(' ', targets)} ${{PORTS:-", StringComparison.Ordinal)
        );

        AssertHeld(job, console, finished);
        Assert.False(everywhere.Pending());
    }

    private static void AssertHeld(HostileJob job, List<string> console, Command.JobFinished finished)
    {
        Assert.DoesNotContain(console, line => line.Contains("BREACH", StringComparison.Ordinal));
        if (job.Limit is { } limit)
        {
            var message = Assert.IsType<ExecutionResult.Message>(finished.Result).Text.ToString();
            Assert.EndsWith($"(limit: {limit})", message, StringComparison.Ordinal);
            Assert.Contains($"builder: {message}", console);
            return;
        }
        Assert.Equal(new ExecutionResult.Exited(0), finished.Result);
        Assert.Contains("HELD", console);
        Assert.DoesNotContain(finished.Data, artifact => artifact.Path.ToString() is "shadow" or "environ" or "passwd" or "climbing");
    }

    private static IEnumerable<string> SurvivingProcesses() =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(process =>
            {
                try
                {
                    return File.ReadAllText(Path.Combine(process, "cmdline")).Contains("left-by-an-earlier-job", StringComparison.Ordinal);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    return false;
                }
            });
}
