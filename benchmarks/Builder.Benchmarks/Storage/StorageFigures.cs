using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Storage;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Maintenance;
using Builder.Storage.Migrations;
using Builder.Storage.Values;
using Builder.Testing;

namespace Builder.Benchmarks.Storage;

/// <summary>
/// Taking uploads in, on a real disk with everything flushed: <c>dotnet run -c Release --project benchmarks/Builder.Benchmarks -- storage</c>.
/// </summary>
internal static class StorageFigures
{
    private static readonly User User = new(new UserId(1), "admin", IsRestricted: false);

    public static async Task RunAsync()
    {
        using var directory = new TemporaryDirectory();
        var settings = new DatabaseSettings(directory["data"]);
        await new Migrator(settings, new Progress<string>()).MigrateAsync(CancellationToken.None);
        await using var storage = await BuilderStorage.OpenAsync(settings, TimeProvider.System, CancellationToken.None);
        var added = await new UserAdministration(storage.Database).AddAsync(
            "admin",
            "secret",
            isRestricted: false,
            ScryptParameters.Default,
            CancellationToken.None
        );
        Trace.Assert(added);

        var many = await TimeAsync(() =>
            Parallel.ForEachAsync(
                Enumerable.Range(0, 50),
                new ParallelOptions { MaxDegreeOfParallelism = 8 },
                async (i, _) => await UploadAsync(storage, i, 5_000_000)
            )
        );
        Say($"50 uploads of 5 MB, 8 at a time: {many.TotalSeconds:f2} s (wanted < 1 s)");
        var one = await TimeAsync(() => UploadAsync(storage, 99, 1_000_000_000));
        Say(
            $"one upload of 1 GB: {one.TotalSeconds:f1} s, {1000 / one.TotalSeconds:f0} MB/s; peak of this process {PeakMegabytes()} MB (wanted < 150 MB)"
        );
        var findings = 0;
        var verify = await TimeAsync(async () =>
        {
            await foreach (var _ in new DataDirectoryVerifier(storage, repair: false, progress: null).VerifyAsync(CancellationToken.None))
                findings++;
        });
        Say($"verify-data-dir of 1.25 GB: {verify.TotalSeconds:f1} s, {findings} findings");
    }

    private static async Task UploadAsync(BuilderStorage storage, int number, long size)
    {
        var pipe = new Pipe();
        var source = ArtifactSource.From([
            new ArtifactFile(ArtifactPath.Parse("bin/hello"), size, _ => ValueTask.FromResult<Stream>(new PatternStream(number, size))),
        ]);
        var writing = Task.Run(async () =>
        {
            await ExecWriter.WriteAsync(
                pipe.Writer.AsStream(),
                new ExecHead(
                    new ScriptJob(ByteString.FromUtf8($"job{number % 5}"), ByteString.FromUtf8("debian-12"), ByteString.FromUtf8("make")),
                    BuildUuid.NewRandom()
                ),
                ConsoleSource.From([]),
                new ExecTail(Timestamp.FromDays(20_000, 0), Timestamp.FromDays(20_000, 0), new ExecutionResult.Exited(0)),
                source,
                CancellationToken.None
            );
            await pipe.Writer.CompleteAsync();
        });
        var result = await storage.Uploads.IngestAsync(pipe.Reader.AsStream(), User, CancellationToken.None);
        if (result is not UploadResult.Stored)
            throw new InvalidOperationException($"{result}");
        await writing;
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start);
    }

    private static long PeakMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1_000_000;
    }

    private static void Say(FormattableString line) => Console.Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
