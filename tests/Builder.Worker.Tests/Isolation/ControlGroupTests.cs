using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Isolation;
using Builder.Worker.Options;

namespace Builder.Worker.Tests.Isolation;

/// <summary>Limits by control groups, where this machine lets us make some.</summary>
public sealed class ControlGroupTests
{
    [Fact]
    public async Task A_job_that_takes_more_memory_than_it_may_is_killed_and_told_so()
    {
        await using var execution = Limited(new ResourceLimits(MemoryBytes: 32 << 20));

        using var outcome = await execution.RunAsync("x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x}");

        Assert.NotEqual(new ExecutionResult.Exited(0), outcome.Result);
        Assert.Contains(
            execution.Console.Text,
            line => line.StartsWith("builder: the memory limit of 33554432 bytes was reached", StringComparison.Ordinal)
        );
        Assert.InRange(outcome.Usage.PeakMemoryBytes, 1 << 20, 33 << 20);
    }

    [Fact]
    public async Task A_job_that_starts_more_processes_than_it_may_is_refused_them()
    {
        await using var execution = Limited(new ResourceLimits(Processes: 8));

        using var outcome = await execution.RunAsync("i=0; while [ $i -lt 30 ]; do sleep 5 & i=$((i+1)); done; echo all");

        Assert.DoesNotContain("all", execution.Console.Text);
        Assert.Contains(
            execution.Console.Text,
            line => line.StartsWith("builder: the limit of 8 processes was reached", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("f() { f | f; }; f")]
    [InlineData("f() { f | f & wait; }; f")]
    public async Task A_fork_bomb_that_is_over_before_anybody_looks_has_met_the_limit_too(string bomb)
    {
        await using var execution = Limited(new ResourceLimits(Processes: 50));

        using var outcome = await execution.RunAsync(bomb);

        var message = Assert.IsType<ExecutionResult.Message>(outcome.Result).Text.ToString();
        Assert.StartsWith("the limit of 50 processes was reached; ", message, StringComparison.Ordinal);
        Assert.EndsWith(" more were refused (limit: pids)", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_job_gets_a_group_of_its_own_for_each_limit()
    {
        await using var execution = Limited(new ResourceLimits(MemoryBytes: 64 << 20, Cpus: 0.5, Processes: 50));

        for (var i = 0; i < 3; i++)
        {
            using var outcome = await execution.RunAsync("sleep 4321 & setsid sleep 4321 & grep -c builder- /proc/self/cgroup");
            Assert.Equal(new ExecutionResult.Exited(0), outcome.Result);
        }

        Assert.All(execution.Console.Text, line => Assert.InRange(int.Parse(line, null), 1, 3));
    }

    [Fact]
    public void Workers_of_one_process_do_not_get_each_others_groups()
    {
        if (ControlGroups.TryOpen() is not { } one || ControlGroups.TryOpen() is not { } other)
        {
            Requirement.Met(false, "no control groups can be made here");
            return;
        }

        using var first = one.Create(JobLimits.None);
        using var second = other.Create(JobLimits.None);

        Assert.Empty(first.Directories.Intersect(second.Directories));
    }

    private static Tests.Execution.Execution Limited(ResourceLimits limits)
    {
        try
        {
            return new Tests.Execution.Execution
            {
                Isolation = new JobIsolation(new NoSandbox(), ControlGroups.Open(limits)),
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
