using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.Benchmarks.Server;

/// <summary>
/// A server process with thousands of extended workers, all simulated in this process, and a long queue. They send heartbeats as real ones do, hold their jobs, and some of
/// them finish: how long one then waits for its next job, and what memory the server takes.
/// </summary>
internal sealed partial class ManyWorkers(string executable, int workers, int jobs) : IAsyncDisposable
{
    private const int Samples = 1000;
    private const int ConnectingAtOnce = 64;
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);
    private static readonly ByteString Platform = ByteString.FromUtf8("debian-12");

    private readonly TemporaryDirectory directory = new();
    private readonly List<SimulatedWorker> connected = [];
    private readonly CancellationTokenSource stop = new();
    private Process? server;
    private Task heartbeats = Task.CompletedTask;
    private int port;

    public async Task RunAsync()
    {
        await StartServerAsync();
        Say("memory of the server at rest", $"{Memory():N0} MB");

        var started = Stopwatch.GetTimestamp();
        await ConnectAllAsync();
        Say(
            $"{workers:N0} workers connected, waiting for jobs",
            $"{Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s, server {Memory():N0} MB"
        );
        heartbeats = BeatAsync();

        var one = await MeasureAsync(101, DispatchToWaitingAsync);
        Say(
            $"a job for {workers:N0} waiting workers: scheduled until a worker has it",
            $"median {one.Median:N1} ms, 99 % {one.High:N1} ms"
        );

        started = Stopwatch.GetTimestamp();
        await ApplyAsync();
        await Task.WhenAll(connected.Select(static worker => worker.TakeAsync()));
        Say(
            $"{jobs:N0} jobs applied and {workers:N0} of them in the hands of workers",
            $"{Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s, server {Memory():N0} MB"
        );

        var next = await MeasureAsync(Samples, NextJobAsync);
        Say(
            $"with {jobs - workers:N0} queued and {workers:N0} building: a worker asks until it has a job",
            $"median {next.Median:N1} ms, 99 % {next.High:N1} ms (wanted < 20 ms)"
        );

        started = Stopwatch.GetTimestamp();
        var before = await CpuAsync();
        const int Rounds = 4000;
        var left = Rounds;
        await Parallel.ForEachAsync(
            connected.Take(64),
            async (worker, _) =>
            {
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    await worker.FinishAsync();
                    await worker.AskAsync(port);
                    await worker.TakeAsync();
                }
            }
        );
        var time = Stopwatch.GetElapsedTime(started);
        Say(
            $"{Rounds:N0} jobs finished and handed out, by 64 workers at once",
            $"{Rounds / time.TotalSeconds:N0} a second, {(await CpuAsync() - before).TotalSeconds / time.TotalSeconds:P0} of a processor in the server"
        );
        server!.Refresh();
        Say("memory of the server", $"{Memory():N0} MB, {server.PeakWorkingSet64 / 1_000_000.0:N0} MB at peak (wanted < 300 MB)");
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await heartbeats;
        connected.ForEach(static worker => worker.Dispose());
        if (server is { HasExited: false })
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
        server?.Dispose();
        stop.Dispose();
        directory.Dispose();
    }

    private async Task StartServerAsync()
    {
        var start = new ProcessStartInfo(
            executable,
            ["server", "--port", "0", "--dir", directory["server"], "--config-dir", directory["config"]]
        )
        {
            RedirectStandardError = true,
        };
        Directory.CreateDirectory(directory["config"]);
        server = Process.Start(start)!;
        while (await server.StandardError.ReadLineAsync() is { } line)
        {
            if (Listening().Match(line) is { Success: true, Groups: var groups })
            {
                port = int.Parse(groups[1].Value, CultureInfo.InvariantCulture);
                _ = Task.Run(async () =>
                {
                    while (await server.StandardError.ReadLineAsync() is not null) { }
                });
                return;
            }
        }
        throw new InvalidOperationException("the server did not start");
    }

    private async Task ConnectAllAsync()
    {
        var opened = new SimulatedWorker[workers];
        await Parallel.ForAsync(
            0,
            workers,
            new ParallelOptions { MaxDegreeOfParallelism = ConnectingAtOnce },
            async (number, _) =>
            {
                opened[number] = new SimulatedWorker($"w{number}");
                await opened[number].AskAsync(port);
            }
        );
        connected.AddRange(opened);
    }

    /// <summary>As workers do it, spread over the interval.</summary>
    private async Task BeatAsync()
    {
        const int Parts = 100;
        using var timer = new PeriodicTimer(HeartbeatInterval / Parts);
        try
        {
            for (var part = 0; await timer.WaitForNextTickAsync(stop.Token); part = (part + 1) % Parts)
            {
                for (var number = part; number < connected.Count; number += Parts)
                    await connected[number].BeatAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the measurement.
        }
    }

    /// <summary>All wait; one job comes, one of them gets it, finishes it and waits again.</summary>
    private async Task<TimeSpan> DispatchToWaitingAsync(int number)
    {
        var taking = connected.ConvertAll(static worker => worker.TakeAsync());
        var started = Stopwatch.GetTimestamp();
        await ScheduleAsync(new ScriptJob(ByteString.FromUtf8($"single-{number}"), Platform, ByteString.FromUtf8("true\n")));
        var first = await Task.WhenAny(taking);
        var time = Stopwatch.GetElapsedTime(started);
        var worker = connected[taking.IndexOf(first)];
        await first;
        await worker.FinishAsync();
        await worker.AskAsync(port);
        return time;
    }

    private async Task<TimeSpan> NextJobAsync(int number)
    {
        var worker = connected[number % connected.Count];
        await worker.FinishAsync();
        await worker.ConnectAsync(port);
        var started = Stopwatch.GetTimestamp();
        await worker.RequestAsync();
        await worker.TakeAsync();
        return Stopwatch.GetElapsedTime(started);
    }

    private async Task ScheduleAsync(ScriptJob job)
    {
        using var client = new SimulatedWorker("client");
        await client.CommandAsync(port, new Command.Schedule(Period.Never, job));
    }

    private async Task ApplyAsync()
    {
        var script = Convert.ToBase64String("make -C src all check\n"u8);
        var list = Enumerable
            .Range(0, jobs)
            .Select(number => $$"""{"name":"job-{{number}}","platform":"{{Platform}}","script":"{{script}}","period":"never"}""");
        using var client = new SimulatedWorker("client");
        await client.ApplyAsync(port, $$"""{"jobs":[{{string.Join(',', list)}}]}""");
    }

    private static async Task<(double Median, double High)> MeasureAsync(int count, Func<int, Task<TimeSpan>> measure)
    {
        var times = new List<double>(count);
        for (var number = 0; number < count; number++)
            times.Add((await measure(number)).TotalMilliseconds);
        times.Sort();
        return (times[count / 2], times[count * 99 / 100]);
    }

    private double Memory()
    {
        server!.Refresh();
        return server.WorkingSet64 / 1_000_000.0;
    }

    private Task<TimeSpan> CpuAsync()
    {
        server!.Refresh();
        return Task.FromResult(server.TotalProcessorTime);
    }

    private static void Say(string what, string figure) => Console.Out.WriteLine($"{what}: {figure}");

    [GeneratedRegex(@"127\.0\.0\.1:([0-9]+)")]
    private static partial Regex Listening();
}
