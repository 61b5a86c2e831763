using System.Diagnostics;
using System.Reflection;
using Builder.Publishing.Tests.Debian;

namespace Builder.Publishing.Tests.Repositories;

/// <summary>The real program publishes and is killed at some moment, again and again; after each the real apt-get looks.</summary>
public sealed class KilledPublicationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Rounds => Environment.GetEnvironmentVariable("BUILDER_LONG_TESTS") is { Length: > 0 } ? 60 : 5;

    [Fact]
    public async Task Killed_at_any_moment_the_repository_is_the_old_or_the_new_one()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        var key = site["key.gpg"];
        await Tools.SucceedAsync(
            "gpg",
            ["--homedir", site.Config, "--batch", "--yes", "--dearmor", "--output", key, Path.Combine(site.Apt, "key.asc")]
        );
        var first = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"], content: "0"), "20260101000000");
        var watch = Stopwatch.StartNew();
        await using (var whole = Start(site, first.ToString()))
            Assert.Equal(0, await whole.ExitAsync());
        var usual = watch.Elapsed;
        var apt = new AptRoot(site["apt"], $"file:{site.Apt}", "debian-12", key);
        await apt.UpdateAsync();
        await apt.InstallAsync("hello");

        var killed = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            var before = apt.Read("usr/share/hello/greeting");
            var uuid = await site.StoreAsync(
                await DebMaker.MakeAsync(site["debs"], content: $"{round}"),
                $"2026010200{round / 60:00}{round % 60:00}"
            );
            await using (var publishing = Start(site, uuid.ToString()))
            {
                await Task.Delay(usual * ((round + 0.5) / (Rounds + 1)), Cancellation);
                killed += publishing.Kill() ? 1 : 0;
            }

            await apt.UpdateAsync();
            await apt.GetAsync("upgrade");
            Assert.Contains(apt.Read("usr/share/hello/greeting"), (string[])[before, $"{round}"]);

            // The next one finds its way, whatever the last one left.
            await using var again = Start(site, uuid.ToString());
            Assert.Equal(0, await again.ExitAsync());
            await apt.UpdateAsync();
            await apt.GetAsync("upgrade");
            Assert.Equal($"{round}", apt.Read("usr/share/hello/greeting"));
        }
        Assert.InRange(killed, 1, Rounds);
    }

    private static Running Start(TestSite site, string uuid) => new(site, uuid);

    private sealed class Running : IAsyncDisposable
    {
        private static readonly string Executable = typeof(KilledPublicationTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "BuilderExecutable")
            .Value!;

        private readonly Process process;

        public Running(TestSite site, string uuid) =>
            process = Process.Start(
                new ProcessStartInfo(Executable)
                {
                    ArgumentList = { "repo", "publish", uuid, "--datadir", site.Data, "--configdir", site.Config },
                    RedirectStandardOutput = true,
                }
            )!;

        public bool Kill()
        {
            if (process.HasExited)
                return false;
            process.Kill();
            return true;
        }

        public async Task<int> ExitAsync()
        {
            await process.WaitForExitAsync(Cancellation);
            return process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
