using System.Diagnostics;
using System.Globalization;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Benchmarks.Server;

/// <summary>
/// The server's figures as a whole: real sockets, real disk, every answer given when it is safe. One run of each, as these take seconds and
/// the disk is part of them: <c>dotnet run -c Release --project benchmarks/Builder.Benchmarks -- server</c>.
/// </summary>
internal static class ServerFigures
{
    private static readonly Artifact[] Files = [new(ArtifactPath.Parse("bin/hello"), "hello"u8.ToArray())];

    /// <param name="parts">Which of <c>add</c>, <c>jobs</c>, <c>queue</c> and <c>burst</c>; none is all.</param>
    public static async Task RunAsync(IReadOnlyList<string> parts)
    {
        if (IsWanted("add"))
            await AddAsync(10_000);
        if (IsWanted("jobs"))
        {
            await TrivialJobsAsync(workers: 1, jobs: 2000);
            await TrivialJobsAsync(workers: 8, jobs: 4000);
        }
        if (IsWanted("queue"))
            await LongQueueAsync(100_000);
        if (IsWanted("burst"))
            await BurstAsync(200_000, observers: 5);

        bool IsWanted(string part) => parts.Count == 0 || parts.Contains(part);
    }

    /// <summary>Must be &lt; 10 s for 10,000 and &lt; 5 ms for the next; the original took 651 s.</summary>
    private static async Task AddAsync(int count)
    {
        await using var server = new ServerUnderTest();
        await server.StartAsync();
        var all = await TimeAsync(async () =>
        {
            for (var number = 0; number < count; number++)
                await server.AskAsync(new Command.Schedule(Period.Never, ServerUnderTest.Job(number)));
        });
        Say($"add {count:N0} jobs over separate connections, one after the other", all, "< 10 s");
        Say(
            "add the next (median of 101)",
            await MedianAsync(101, number => server.AskAsync(new Command.Schedule(Period.Never, ServerUnderTest.Job(count + number)))),
            "< 5 ms"
        );
        Say(
            "exchange without change of state (median of 101)",
            await MedianAsync(101, _ => server.AskAsync(new Command.Unschedule(ByteString.FromUtf8("nobody")), mayFail: true)),
            "< 2 ms"
        );
    }

    /// <summary>Must be ≥ 6,000 a minute with one worker and ≥ 15,000 with eight; the original made 574.</summary>
    private static async Task TrivialJobsAsync(int workers, int jobs)
    {
        await using var server = new ServerUnderTest();
        await server.StartAsync();
        await server.ApplyAsync(jobs);
        var left = jobs;
        var time = await TimeAsync(() =>
            Task.WhenAll(
                Enumerable
                    .Range(0, workers)
                    .Select(_ =>
                        Task.Run(async () =>
                        {
                            while (Interlocked.Decrement(ref left) >= 0)
                                await server.BuildOneAsync(Files);
                        })
                    )
            )
        );
        Console.Out.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"trivial jobs with {workers} workers: {jobs / time.TotalMinutes:N0} a minute (wanted ≥ {(workers == 1 ? 6000 : 15000):N0})"
            )
        );
    }

    /// <summary>Dispatch must be &lt; 10 ms, info &lt; 100 ms, restart &lt; 2 s.</summary>
    private static async Task LongQueueAsync(int count)
    {
        await using var server = new ServerUnderTest();
        await server.StartAsync();
        await server.ApplyAsync(count);
        Say($"with {count:N0} queued: ask, get a job (median of 51)", await MedianAsync(51, _ => server.TakeOneAsync()), "< 10 ms");
        var info = await TimesAsync(31, _ => server.InfoAsync());
        Say($"with {count:N0} queued: info, received whole, each job read (first of 31)", info[0], "");
        Say($"with {count:N0} queued: info, received whole, each job read (median of 31)", info.Order().ElementAt(15), "< 100 ms");
        Say($"with {count:N0} queued: info, received whole, each job read (best of 31)", info.Min(), "");
        Say(
            $"with {count:N0} queued: info, first byte (median of 31)",
            await MedianAsync(31, _ => server.InfoFirstByteAsync()),
            "< 100 ms"
        );
        Say($"with {count:N0} queued: stop", await TimeAsync(server.StopAsync), "");
        Say($"with {count:N0} queued: start", await TimeAsync(server.StartAsync), "< 2 s");
    }

    /// <summary>Every observer must see every line; the original lost lines.</summary>
    private static async Task BurstAsync(int lines, int observers)
    {
        await using var server = new ServerUnderTest();
        await server.StartAsync();
        await server.ApplyAsync(1);
        using var worker = await server.ConnectAsync(PeerKind.Worker, ProtocolVersion.Worker);
        await worker.Writer.WriteAsync(new Command.JobRequested(ServerUnderTest.Platform), CancellationToken.None);
        var job = await worker.ExpectAsync<Command.JobSchedule>();
        var observing = new List<Task<int>>();
        for (var i = 0; i < observers; i++)
        {
            var observer = await server.ConnectAsync(PeerKind.Client, ProtocolVersion.Client);
            await observer.Writer.WriteAsync(new Command.Observe(job.Uuid), CancellationToken.None);
            observing.Add(Task.Run(() => CountAsync(observer)));
        }
        // All are there once they have seen a line.
        var time = await TimeAsync(async () =>
        {
            var frames = new MemoryStream();
            for (var i = 0; i < lines; i++)
            {
                frames.Write(
                    FrameWriter.Encode(new Command.Output(job.Uuid, ByteString.FromUtf8($"line {i} of a build that prints a lot"))).Span
                );
                if (frames.Length < 32 * 1024 && i < lines - 1)
                    continue;
                await worker.Writer.WriteEncodedAsync(frames.ToArray(), CancellationToken.None);
                frames.SetLength(0);
            }
            await worker.Writer.WriteAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []), CancellationToken.None);
            await worker.Reader.ReadAsync(CancellationToken.None);
            await Task.WhenAll(observing);
        });
        Say($"{lines:N0} lines to {observers} observers, build on disk", time, "");
        Console.Out.WriteLine($"lines seen: {string.Join(", ", await Task.WhenAll(observing))} (wanted {lines + 1} each, with the result)");
    }

    private static async Task<int> CountAsync(ServerUnderTest.Peer observer)
    {
        using (observer)
        {
            var seen = 0;
            while (await observer.Reader.ReadAsync(CancellationToken.None) is Command.OutputTimestamped)
                seen++;
            return seen;
        }
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start);
    }

    private static async Task<TimeSpan> MedianAsync(int count, Func<int, Task> work) =>
        (await TimesAsync(count, work)).Order().ElementAt(count / 2);

    private static async Task<List<TimeSpan>> TimesAsync(int count, Func<int, Task> work)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < count; i++)
            times.Add(await TimeAsync(() => work(i)));
        return times;
    }

    private static void Say(string what, TimeSpan time, string wanted) =>
        Console.Out.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: {time.TotalMilliseconds:N2} ms{(wanted.Length == 0 ? "" : $" (wanted {wanted})")}"
            )
        );
}
