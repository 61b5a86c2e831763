using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Benchmarks.Web;

/// <summary>Makes a data directory and prints addresses to ask for, a kind and an address a line.</summary>
internal static class WebData
{
    private const int Sampled = 3000;

    public static async Task MakeAsync(string directory, int jobs, int platforms, int builds)
    {
        await new DataDirectoryGenerator(directory, jobs, platforms, builds).RunAsync(CancellationToken.None);
        var random = new Random(1);
        for (var job = 0; job < jobs; job++)
            Console.WriteLine($"job /job/job-{job:000}");
        for (var sample = 0; sample < Sampled; sample++)
        {
            var (job, platform, build) = (random.Next(jobs), random.Next(platforms), random.Next(1, builds));
            var uuid = DataDirectoryGenerator.UuidOf(job, platform, build);
            Console.WriteLine($"build /job/job-{job:000}/build/{uuid}");
            var other = DataDirectoryGenerator.UuidOf(job, platform, build < 10 ? build : build - 10);
            Console.WriteLine($"compare /compare/{other}/{uuid}");
            Console.WriteLine(
                $"hash /hash?sha256={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"binary {job} {platform} {build / 10}\n")))}"
            );
        }
        Console.WriteLine($"long /job/{DataDirectoryGenerator.LongJob}");
        // Builds 5 and 15 differ in everything there is, whatever their job.
        Console.WriteLine($"large /compare/{DataDirectoryGenerator.UuidOf(0, 0, 5)}/{DataDirectoryGenerator.UuidOf(0, 0, 15)}");
        Console.WriteLine($"download /job/download/build/{DataDirectoryGenerator.DownloadUuid}/f/bin/download.img");
    }

    /// <summary>Uploads finished builds, eight at a time, each with one artifact of its own; prints how long it took.</summary>
    public static async Task UploadAsync(Uri site, string userAndPassword, int count, int bytes)
    {
        var random = new Random(1);
        var uploads = new List<byte[]>();
        for (var number = 0; number < count; number++)
        {
            var content = new byte[bytes];
            random.NextBytes(content);
            var time = Timestamp.FromDays(20_000, 0);
            uploads.Add(
                ExecCodec.Encode(
                    new Exec(
                        new ScriptJob(
                            ByteString.FromUtf8($"uploaded-{number % 5}"),
                            ByteString.FromUtf8("platform-0"),
                            ByteString.FromUtf8("make")
                        ),
                        BuildUuid.NewRandom(),
                        [],
                        time,
                        time + TimeSpan.FromMinutes(1),
                        new ExecutionResult.Exited(0),
                        [new Artifact(ArtifactPath.Parse("bin/uploaded"), content)]
                    )
                )
            );
        }
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(userAndPassword))
        );
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            uploads,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (upload, cancellationToken) =>
            {
                using var answer = await http.PostAsync(new Uri(site, "/upload"), new ByteArrayContent(upload), cancellationToken);
                answer.EnsureSuccessStatusCode();
            }
        );
        Console.WriteLine($"{count} uploads of {bytes:N0} bytes: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:N0} ms");
    }
}
