using Builder.Protocol.Values;

namespace Builder.Worker.Tests.Execution;

/// <summary>Limits that the worker keeps by itself, without control groups.</summary>
public sealed class JobLimitTests
{
    [Fact]
    public async Task A_job_that_prints_more_than_it_may_is_ended()
    {
        await using var execution = new Execution { Limits = new JobLimits { MaxConsoleBytes = 10_000 } };

        using var outcome = await execution.RunAsync("yes");

        AssertFailed("the job printed more than 10000 bytes (limit: max-console)", outcome.Result, execution);
        Assert.InRange(execution.Console.Lines.Sum(line => line.Length + 1), 5000, 11_000);
    }

    [Fact]
    public async Task A_job_that_writes_more_to_disk_than_it_may_is_ended()
    {
        await using var execution = new Execution { Limits = new JobLimits { MaxDiskBytes = 4 << 20 } };

        using var outcome = await execution.RunAsync("i=0; while :; do head -c 100000 /dev/zero > file-$i; i=$((i+1)); done");

        AssertFailed("the job has more than 4194304 bytes on disk (limit: max-disk)", outcome.Result, execution);
    }

    [Fact]
    public async Task A_job_that_is_quicker_than_the_watch_does_not_get_past_the_limit_of_the_disk()
    {
        await using var execution = new Execution { Limits = new JobLimits { MaxDiskBytes = 1 << 20 } };

        using var outcome = await execution.RunAsync("head -c 2000000 /dev/zero > file");

        AssertFailed("the job has more than 1048576 bytes on disk (limit: max-disk)", outcome.Result, execution);
    }

    [Fact]
    public async Task A_sparse_file_takes_no_more_than_it_holds()
    {
        await using var execution = new Execution { Limits = new JobLimits { MaxDiskBytes = 1 << 20 } };

        using var outcome = await execution.RunAsync("truncate -s 1G file");

        Assert.Equal(new ExecutionResult.Exited(0), outcome.Result);
    }

    [Fact]
    public async Task A_job_that_has_more_processes_than_it_may_is_ended()
    {
        await using var execution = new Execution { Limits = new JobLimits { MaxProcesses = 20 } };

        using var outcome = await execution.RunAsync("i=0; while [ $i -lt 30 ]; do sleep 4321 & i=$((i+1)); done; wait");

        AssertFailed("the limit of 20 processes was reached (limit: pids)", outcome.Result, execution);
    }

    [Fact]
    public async Task A_job_that_takes_more_memory_than_it_may_is_ended()
    {
        await using var execution = new Execution { Limits = new JobLimits { MaxMemoryBytes = 30 << 20 } };

        using var outcome = await execution.RunAsync("x=$(head -c 60000000 /dev/zero | tr '\\0' x); while :; do sleep 1; done");

        AssertFailed("the memory limit of 31457280 bytes was reached (limit: memory)", outcome.Result, execution);
    }

    [Fact]
    public void Of_the_limits_of_worker_and_job_the_smaller_one_counts()
    {
        var workers = new JobLimits
        {
            MaxProcesses = 10,
            MaxMemoryBytes = 100,
            MaxArtifacts = 5,
        };
        var jobs = new JobLimits
        {
            MaxProcesses = 20,
            MaxMemoryBytes = 50,
            MaxDiskBytes = 7,
        };

        Assert.Equal(
            new JobLimits
            {
                MaxProcesses = 10,
                MaxMemoryBytes = 50,
                MaxDiskBytes = 7,
                MaxArtifacts = 5,
            },
            workers.Tightest(jobs)
        );
        Assert.Equal(workers.Tightest(jobs), jobs.Tightest(workers));
    }

    private static void AssertFailed(string reason, ExecutionResult result, Execution execution)
    {
        Assert.Equal(new ExecutionResult.Message(ByteString.FromUtf8(reason)), result);
        Assert.Contains($"builder: {reason}", execution.Console.Text);
    }
}
