using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Benchmarks.Worker;

/// <summary>
/// The real worker as a process of its own, against a server that does nothing but hand out jobs: what a job costs, and how much memory
/// the worker and its supervisor take at most.
/// </summary>
internal sealed class WorkerMeasurement(string executable)
{
    private const int DiscardBuffer = 1 << 20;

    public async Task RunAsync()
    {
        Console.WriteLine($"{"what", -34} {"seconds", 9} {"CPU s", 7} {"worker MB", 10} {"supervisor MB", 14}");
        await MeasureAsync("1,000 trivial jobs", "true", 1000);
        await MeasureAsync("200,000 console lines", "seq 1 200000", 1);
        await MeasureAsync("artifact of 100 MB", "head -c 100000000 /dev/zero > big", 1);
        await MeasureAsync("artifact of 4 GiB (sparse)", "truncate -s 4G big", 1);
        await MeasureAsync("10,000 small artifacts", "i=0; while [ $i -lt 10000 ]; do echo $i > f$i; i=$((i+1)); done", 1);
    }

    private async Task MeasureAsync(string what, string script, int jobs)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var worker = Process.Start(StartInfo(((IPEndPoint)listener.LocalEndpoint).Port))!;
        var first = await listener.AcceptTcpClientAsync(); // the start of the worker is not part of it
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < jobs; i++)
        {
            using var client = i == 0 ? first : await listener.AcceptTcpClientAsync();
            await ServeAsync(client, script);
        }
        var seconds = watch.Elapsed.TotalSeconds;
        var supervisor = ChildOf(worker.Id);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what, -34} {seconds, 9:f2} {ProcessorSeconds(worker.Id) + ProcessorSeconds(supervisor), 7:f2} {PeakMegabytes(worker.Id), 10:f1} {PeakMegabytes(supervisor), 14:f1}"
            )
        );
        worker.StandardInput.Close();
        await worker.WaitForExitAsync();
    }

    private ProcessStartInfo StartInfo(int port)
    {
        var start = new ProcessStartInfo(executable) { RedirectStandardInput = true };
        foreach (
            var argument in (string[])
                ["worker", "benchmark", "-r", $"127.0.0.1:{port}", "--loop", "--until-stdin-closes", "--verbosity", "error"]
        )
            start.ArgumentList.Add(argument);
        return start;
    }

    private static async Task ServeAsync(TcpClient client, string script)
    {
        client.NoDelay = true;
        var stream = client.GetStream();
        using var writer = new FrameWriter(stream, FrameLimits.Default, TimeProvider.System);
        using var input = new BufferedStream(stream, DiscardBuffer);
        await SkipFrameAsync(input);
        await writer.WriteAsync(new Command.ServerHello(), CancellationToken.None);
        await SkipFrameAsync(input);
        var job = new ScriptJob(ByteString.FromUtf8("job"), ByteString.FromUtf8("benchmark"), ByteString.FromUtf8(script));
        await writer.WriteAsync(new Command.JobSchedule(BuildUuid.NewRandom(), job), CancellationToken.None);
        while (await SkipFrameAsync(input) != JobFinishedTag) { }
    }

    private const byte JobFinishedTag = 0xa3;

    /// <returns>The first byte of the frame's body, which tells the message.</returns>
    private static async Task<byte> SkipFrameAsync(Stream input)
    {
        var header = new byte[9];
        await input.ReadExactlyAsync(header);
        var left = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(header) - 1;
        var buffer = new byte[Math.Min(left, DiscardBuffer)];
        while (left > 0)
        {
            var count = await input.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)));
            left -= count > 0 ? count : throw new EndOfStreamException();
        }
        return header[8];
    }

    /// <summary>The only child, of whichever thread.</summary>
    private static int ChildOf(int parent) =>
        Directory
            .EnumerateDirectories($"/proc/{parent}/task")
            .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
            .Single();

    private static double PeakMegabytes(int process) =>
        double.Parse(
            File.ReadLines($"/proc/{process}/status")
                .Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        ) / 1024;

    /// <summary>Of the process and of the children it waited for.</summary>
    private static double ProcessorSeconds(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[11..15].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / 100;
    }
}
