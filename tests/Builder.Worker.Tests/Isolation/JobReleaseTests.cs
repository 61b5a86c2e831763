using System.Text;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Isolation;
using Builder.Worker.Native;
using Builder.Worker.Options;
using Builder.Worker.Processes;

namespace Builder.Worker.Tests.Isolation;

/// <summary>The way of a job in a sandbox into its control group.</summary>
public sealed class JobReleaseTests
{
    [Fact]
    public async Task A_job_in_a_sandbox_is_in_its_group_before_its_first_instruction()
    {
        await using var execution = Sandboxed(new ResourceLimits(MemoryBytes: 128 << 20));

        using var first = await execution.RunAsync(
            "read line < /proc/self/cgroup; grep -c :memory:.*/builder- /proc/self/cgroup || grep -c ^0::.*/builder- /proc/self/cgroup"
        );
        using var second = await execution.RunAsync("x=$(head -c 400000000 /dev/zero | tr '\\0' x); echo ${#x}");

        Assert.Equal(new ExecutionResult.Exited(0), first.Result);
        var message = Assert.IsType<ExecutionResult.Message>(second.Result).Text.ToString();
        Assert.StartsWith("the memory limit of 134217728 bytes was reached", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_cannot_enter_its_group_does_not_begin()
    {
        await using var supervisor = SupervisorClient.Start(SelfExecution.Command(SelfExecution.SupervisorVerb));
        using var status = new StatusPipe();
        var (waits, release) = Posix.Pipe();
        using (waits)
        using (release)
        {
            var group = new JobControlGroup(
                false,
                null,
                JobLimits.None,
                new Dictionary<string, string> { ["memory"] = "/proc/no-group" },
                _ => { }
            );
            await using (var writer = new FileStream(status.Writer, FileAccess.Write))
                writer.Write(Encoding.ASCII.GetBytes($"{{ \"child-pid\": {Environment.ProcessId}, \"pid-namespace\": 4 }}\n"));

            var failure = await new JobRelease(group, ProcessLimits.None, status, release, supervisor).EndAsync();

            Assert.StartsWith("the job could not be put into its control group: ", failure, StringComparison.Ordinal);
            Assert.False(release.IsClosed);
        }
    }

    private static Tests.Execution.Execution Sandboxed(ResourceLimits limits)
    {
        try
        {
            var program = BubblewrapSandbox.FindProgram("bwrap") ?? throw new IOException("there is no bwrap");
            var options = new SandboxOptions(SandboxNetwork.None, [], []);
            return new Tests.Execution.Execution
            {
                Isolation = new JobIsolation(
                    new BubblewrapSandbox(program, SandboxMode.Candidates()[0], options),
                    ControlGroups.Open(limits)
                ),
                Limits = new JobLimits { MaxMemoryBytes = limits.MemoryBytes, MaxProcesses = limits.Processes },
            };
        }
        catch (IOException exception)
        {
            Requirement.Met(false, exception.Message);
            throw;
        }
    }
}
