using System.Security.Cryptography;
using System.Text;

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
            Console.WriteLine($"compare /compare/{DataDirectoryGenerator.UuidOf(job, platform, build - 1)}/{uuid}");
            Console.WriteLine($"hash /hash?sha256={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"binary {job} {platform} {build / 10}\n")))}");
        }
    }
}
