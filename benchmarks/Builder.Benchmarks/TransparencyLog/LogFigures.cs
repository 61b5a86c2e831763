using System.Diagnostics;
using System.Globalization;
using System.Text;
using Builder.Posix;
using Builder.Proof.Keys;
using Builder.Publishing.TransparencyLog;
using Builder.Testing;

namespace Builder.Benchmarks.TransparencyLog;

/// <summary>
/// Appending and proving in a large log, on a real disk with everything synced: <c>benchmarks/log.sh</c>, or
/// <c>dotnet run -c Release --project benchmarks/Builder.Benchmarks -- log [ENTRIES=10000000]</c>.
/// </summary>
internal static class LogFigures
{
    private const int Batch = 1024;
    private const int Samples = 2000;

    public static async Task RunAsync(long size)
    {
        using var directory = new TemporaryDirectory();
        using var key = Ed25519SigningKey.Generate();
        var settings = new LogSettings(directory["tlog"], directory["state"], "builds.example");
        await using (var sequencer = await LogSequencer.OpenAsync(settings, key, CancellationToken.None))
        {
            var fill = await TimeAsync(() => FillAsync(sequencer, size));
            Say($"{size} entries in batches of {Batch}: {fill.TotalSeconds:f0} s, {fill.TotalMicroseconds / size:f1} us an entry");
            await MeasureAsync(sequencer, size);
        }
        var open = await TimeAsync(async () => await (await LogSequencer.OpenAsync(settings, key, CancellationToken.None)).DisposeAsync());
        Say($"opened again: {open.TotalMilliseconds:f0} ms; peak of this process {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
    }

    private static async Task MeasureAsync(LogSequencer sequencer, long size)
    {
        Say($"a sync of this disk alone: {await SampleAsync(Sync())}");
        var one = await SampleAsync(i => sequencer.AppendAsync([Leaf(size + i)], CancellationToken.None));
        Say($"append, one after the other: {one} (wanted < 2 ms)");
        var next = size + Samples;
        var many = await TimeAsync(() =>
            Task.WhenAll(Enumerable.Range(0, Samples).Select(i => sequencer.AppendAsync([Leaf(next + i)], CancellationToken.None)))
        );
        Say($"append, {Samples} callers at once: {many.TotalMilliseconds / Samples:f3} ms an entry");
        var random = new Random(1);
        var again = await SampleAsync(_ => sequencer.AppendAsync([Leaf(random.NextInt64(size))], CancellationToken.None));
        Say($"append of what is there already: {again}");
        var proof = await SampleAsync(async _ => await sequencer.ProofAsync(random.NextInt64(size), CancellationToken.None));
        Say($"proof: {proof} (wanted < 5 ms)");
    }

    /// <summary>700 bytes into a file that has its length: what no append can be faster than.</summary>
    private static Func<int, Task> Sync()
    {
        var file = File.OpenHandle(
            Path.GetTempFileName(),
            FileMode.Create,
            FileAccess.Write,
            options: FileOptions.DeleteOnClose,
            preallocationSize: 2 << 20
        );
        RandomAccess.Write(file, new byte[2 << 20], 0);
        return i =>
        {
            RandomAccess.Write(file, new byte[700], i * 700);
            DurableFile.FlushData(file);
            return Task.CompletedTask;
        };
    }

    private static async Task FillAsync(LogSequencer sequencer, long size)
    {
        for (var first = 0L; first < size; first += Batch)
        {
            var start = first;
            var count = (int)Math.Min(Batch, size - first);
            await sequencer.AppendAsync([.. Enumerable.Range(0, count).Select(i => Leaf(start + i))], CancellationToken.None);
        }
    }

    /// <summary>100 bytes; attestations have 600.</summary>
    private static ReadOnlyMemory<byte> Leaf(long number) =>
        Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture).PadLeft(100, '0'));

    private static async Task<string> SampleAsync(Func<int, Task> work)
    {
        var times = new double[Samples];
        for (var i = 0; i < Samples; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await work(i);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        var mean = times.Average();
        Array.Sort(times);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"mean {mean:f3} ms, median {times[Samples / 2]:f3}, 99 of 100 below {times[Samples * 99 / 100]:f3}"
        );
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start);
    }

    private static void Say(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
