using System.Text;
using Builder.Protocol.Values;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Worker.Tests.Execution;

public sealed class JobRunnerTests
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit 137", 137)]
    [InlineData("false\necho not reached", 1)]
    [InlineData("kill -KILL $$", null, -7)]
    [InlineData("kill -TERM $$", null, -11)]
    [InlineData("kill -SEGV $$", null, -10)]
    public async Task The_exit_code_of_a_script_is_one_thing_and_the_signal_that_ended_it_another(string script, int? code, int signal = 0)
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(script);

        ExecutionResult expected = code is { } status ? new ExecutionResult.Exited(status) : new ExecutionResult.Signalled(signal);
        Assert.Equal(expected, outcome.Result);
        Assert.Empty(execution.Console.Lines);
    }

    [Fact]
    public async Task One_supervisor_runs_job_after_job_each_in_a_fresh_directory()
    {
        await using var execution = new Execution();

        for (var i = 0; i < 20; i++)
        {
            using var outcome = await execution.RunAsync("ls; echo left > file; echo done");
            Assert.Equal(new ExecutionResult.Exited(0), outcome.Result);
        }

        Assert.Equal(Enumerable.Repeat<string[]>(["script.sh", "done"], 20).SelectMany(lines => lines), execution.Console.Text);
        Assert.Empty(Directory.EnumerateFileSystemEntries(execution.WorkDirectory));
    }

    [Fact]
    public async Task Output_and_errors_come_in_the_order_of_printing_as_lines_of_any_bytes()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(
            """
            echo one; echo two >&2; echo
            printf '\377raw\r\n\000nul\n'
            printf 'no newline'
            """
        );

        Assert.Equal(
            [.. new[] { "one", "two", "" }.Select(Encoding.UTF8.GetBytes), [0xff, .. "raw\r"u8], [0, .. "nul"u8], [.. "no newline"u8]],
            execution.Console.Lines
        );
    }

    [Fact]
    public async Task A_line_that_is_too_long_comes_in_pieces()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(
            "head -c 150000 /dev/zero | tr '\\0' x; echo; head -c 65536 /dev/zero | tr '\\0' y; echo; echo end"
        );

        Assert.Equal([65536, 65536, 18928, 65536, 3], execution.Console.Lines.Select(line => line.Length));
    }

    [Fact]
    public async Task Two_hundred_thousand_lines_arrive_complete_and_in_order()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync("seq 1 200000");

        Assert.Equal(Enumerable.Range(1, 200_000).Select(number => $"{number}"), execution.Console.Text);
    }

    [Fact]
    public async Task A_script_inherits_no_descriptor_no_input_and_no_environment_but_what_it_is_given()
    {
        await using var execution = new Execution { Environment = ["PATH=/usr/bin:/bin", "GIVEN=yes"] };

        using var outcome = await execution.RunAsync(
            """
            ls -l /proc/self/fd | sed -n 's/.* \([0-9]*\) -> .*/\1/p' | tr '\n' ' '; echo
            readlink /proc/$$/fd/0
            wc -c
            tr '\0' '\n' < /proc/$$/environ | grep -v '^PWD=' | sort
            cut -d' ' -f5,6 /proc/$$/stat | tr ' ' '\n' | sort -u | sed "s/^$$\$/leader/"
            grep Sig[BI] /proc/$$/status | sed 's/180000000$/000000000/'
            """
        );

        // 3 is ls reading the directory; the two signals that are masked out are the C library's own.
        Assert.Equal(
            [
                "0 1 2 3 ",
                "/dev/null",
                "0",
                "GIVEN=yes",
                "PATH=/usr/bin:/bin",
                "leader",
                "SigBlk:\t0000000000000000",
                "SigIgn:\t0000000000000000",
            ],
            execution.Console.Text
        );
    }

    [Fact]
    public async Task At_the_time_limit_the_script_is_asked_to_end_and_its_result_is_timeout()
    {
        var clock = new FakeTimeProvider();
        await using var execution = new Execution { Clock = clock };

        var running = execution.RunAsync(
            "trap 'echo asked; echo kept > file; exit 0' TERM\necho started\nsleep 1000 & wait",
            TimeSpan.FromMinutes(7)
        );
        await execution.Console.Come("started");
        clock.Advance(TimeSpan.FromMinutes(7));
        using var outcome = await running;

        Assert.Equal(new ExecutionResult.Message(ByteString.FromUtf8("timeout")), outcome.Result);
        Assert.Equal(["started", "asked"], execution.Console.Text);
        Assert.Equal(["file"], outcome.Files.Select(file => file.Path.ToString()));
    }

    [Fact]
    public async Task What_does_not_end_when_asked_is_killed_after_the_grace()
    {
        var clock = new FakeTimeProvider();
        await using var execution = new Execution { Clock = clock, Grace = TimeSpan.FromSeconds(10) };
        using var cancel = new CancellationTokenSource();

        var running = execution.RunUntilCancelledAsync(
            "trap 'echo no' TERM\necho started\nwhile :; do sleep 1000 & wait; done",
            TimeSpan.FromHours(1),
            cancel.Token
        );
        await execution.Console.Come("started");
        await cancel.CancelAsync();
        await execution.Console.Come("no");
        while (!running.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(running, Task.Delay(20, TestContext.Current.CancellationToken));
        }
        using var outcome = await running;

        Assert.Equal(new ExecutionResult.Message(ByteString.FromUtf8("cancelled")), outcome.Result);
    }

    [Theory]
    [InlineData("sleep 4321 &")]
    [InlineData("setsid sleep 4321 &")]
    [InlineData("( ( setsid sh -c 'trap \"\" TERM HUP INT; sleep 4321; :' & ) & )")]
    [InlineData("nohup setsid setsid sleep 4321 > /dev/null 2>&1 < /dev/null &")]
    public async Task Nothing_that_a_script_started_survives_it(string start)
    {
        await using var execution = new Execution();
        var mark = $"mark-{Guid.NewGuid():N}";

        using var outcome = await execution.RunAsync(
            $"export MARK={mark}\n{start}\nsleep 0.2\ngrep -lz '^MARK={mark}$' /proc/[0-9]*/environ 2>/dev/null | wc -l"
        );

        Assert.Equal(new ExecutionResult.Exited(0), outcome.Result);
        Assert.InRange(int.Parse(execution.Console.Text[^1], null), 1, 100); // it did run, in the midst of the job
        Assert.Empty(ProcessesWith(mark));
    }

    [Fact]
    public async Task A_storm_of_forks_is_ended_too()
    {
        await using var execution = new Execution();
        var mark = $"mark-{Guid.NewGuid():N}";

        using var outcome = await execution.RunAsync(
            $$"""
            export MARK={{mark}}
            storm() { while :; do ( setsid sleep 0.01 & ) ; done; }
            for i in 1 2 3 4; do ( storm & ) ; done
            sleep 0.3
            echo end
            """
        );

        Assert.Contains("end", execution.Console.Text);
        Assert.Empty(ProcessesWith(mark));
    }

    [Theory]
    [InlineData("")]
    [InlineData("setsid")]
    public async Task Chains_of_processes_that_fork_and_go_on_are_ended_too(string step)
    {
        await using var execution = new Execution();
        var mark = $"mark-{Guid.NewGuid():N}";

        using var outcome = await execution.RunAsync(
            $$"""
            export MARK={{mark}}
            cat > link <<'END'
            {{step}} sh ./link & exit
            END
            cp link /dev/shm/{{mark}}; cd /dev/shm; sed -i "s/link/{{mark}}/" {{mark}}
            for i in $(seq 100); do sh {{mark}} & done
            sleep 0.3
            echo end
            """
        );
        File.Delete($"/dev/shm/{mark}");

        Assert.Contains("end", execution.Console.Text);
        Assert.Equal(0, outcome.Survivors);
        Assert.Empty(ProcessesWith(mark));
    }

    [Fact]
    public async Task A_worker_that_is_gone_takes_its_job_and_its_directory_with_it()
    {
        var execution = new Execution();
        var mark = $"mark-{Guid.NewGuid():N}";
        var running = execution.RunAsync($"export MARK={mark}\ntrap '' TERM\nsetsid sleep 4321 &\necho started\nsleep 4321\n:");
        await execution.Console.Come("started");

        await execution.DisposeAsync(); // as when the worker's end of the socket closes with its process

        await Assert.ThrowsAsync<Builder.Worker.Processes.SupervisorLostException>(() => running);
        Assert.Empty(ProcessesWith(mark));
        Assert.False(Directory.Exists(execution.WorkDirectory));
    }

    [Fact]
    public async Task What_an_execution_took_is_measured_over_all_its_processes()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(
            """
            ( i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done ) &
            ( x=$(head -c 30000000 /dev/zero | tr '\0' x); echo ${#x} )
            wait
            """
        );

        Assert.Equal(["30000000"], execution.Console.Text);
        Assert.InRange(outcome.Usage.ProcessorTime, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Assert.InRange(outcome.Usage.PeakMemoryBytes, 30_000_000, 1_000_000_000);
    }

    private static IEnumerable<string> ProcessesWith(string mark)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            string environment;
            try
            {
                environment = File.ReadAllText(Path.Combine(directory, "environ"));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                continue;
            }
            if (environment.Contains(mark, StringComparison.Ordinal))
                yield return directory;
        }
    }
}
