using System.Globalization;
using System.Net;
using System.Text;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.EndToEnd.Tests.Processes;

/// <summary>
/// Several web processes on one database, killed and stopped in turn while clients upload and read: nothing is lost, nothing is there twice, and what a client was told is
/// seen by whoever asks another process. <c>BUILDER_LONG_TESTS</c> makes it more builds and more kills.
/// </summary>
public sealed class SeveralProcessesTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private const int Jobs = 8;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("BUILDER_LONG_TESTS") is { Length: > 0 };

    private static readonly int Builds = IsLong ? 512 : 64;
    private static readonly int Rounds = IsLong ? 4 : 1;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_process_is_killed_in_turn_and_nothing_is_lost_and_nothing_is_there_twice()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var cluster = await WebCluster.StartAsync(server, directory => ConfigureAsync(directory, receiver.Address));
        await cluster.UntilAsync("SELECT COUNT(*) FROM outbox_target", "1");

        var builds = Enumerable.Range(0, Builds).Select(Sample).ToList();
        var uploading = Parallel.ForEachAsync(
            builds,
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Stop },
            async (build, _) =>
            {
                await cluster.UploadAsync(build.Exec);
                build.IsStored = true;
            }
        );
        var reading = Enumerable.Range(0, 2).Select(_ => ReadUntilAsync(uploading, cluster, builds)).ToList();
        for (var kill = 0; kill < Rounds * WebCluster.Count; kill++)
        {
            var due = (kill + 1) * Builds / ((Rounds * WebCluster.Count) + 1);
            while (builds.Count(build => build.IsStored) < due)
                await Task.Delay(10, Stop);
            await cluster.KillAsync(kill % WebCluster.Count);
            await cluster.StartProcessAsync(kill % WebCluster.Count);
        }
        await uploading;
        await Task.WhenAll(reading);

        foreach (var build in builds)
            await SeesAsync(cluster, build);
        await cluster.UntilAsync("SELECT COUNT(*), COUNT(DISTINCT uuid) FROM build", $"{Builds}|{Builds}");
        await SettledAsync(cluster);
        await NotifiedAsync(cluster, receiver);
        await cluster.RunAsync("db", "verify-data-dir");
        Assert.Empty(Directory.GetFileSystemEntries(cluster.Staging));
    }

    [Fact]
    public async Task Where_nobody_dies_each_work_is_done_once_and_all_processes_show_the_same()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var cluster = await WebCluster.StartAsync(server, directory => ConfigureAsync(directory, receiver.Address));
        await cluster.UntilAsync("SELECT COUNT(*) FROM outbox_target", "1");
        var builds = Enumerable.Range(0, Builds / 2).Select(Sample).ToList();
        await Parallel.ForEachAsync(
            builds,
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Stop },
            async (build, _) =>
            {
                Assert.Equal([HttpStatusCode.Created], await cluster.UploadAsync(build.Exec));
                // Whichever process stored it, each of them knows it now; a page that was kept before is not shown again.
                for (var number = 0; number < WebCluster.Count; number++)
                    Assert.Contains(
                        build.Uuid.ToString(),
                        await cluster.TextAsync(cluster.Address(number), $"/job/{build.Job}"),
                        StringComparison.Ordinal
                    );
            }
        );
        await SettledAsync(cluster);
        Assert.Equal(["1|1"], await cluster.QueryAsync("SELECT MIN(attempts), MAX(attempts) FROM difference"));
        await NotifiedAsync(cluster, receiver);
        Assert.Equal(receiver.Events.Count, receiver.Events.DistinctBy(static one => one.Id).Count());

        var listed = (await cluster.RunAsync("db", "processes")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(WebCluster.Count, listed.Length);
        for (var number = 0; number < WebCluster.Count; number++)
            Assert.Contains(
                listed,
                line =>
                    line.Split('\t')[1] == cluster.Process(number).Id.ToString(CultureInfo.InvariantCulture)
                    && line.Contains("\talive\t", StringComparison.Ordinal)
            );
        Assert.Equal(
            3,
            (await cluster.TextAsync(cluster.Operations(0), "/health"))
                .Split('\n')
                .Count(line => line.StartsWith("web process", StringComparison.Ordinal))
        );
        Assert.Equal("ready\n", await cluster.TextAsync(cluster.Operations(1), "/ready"));
    }

    [Fact]
    public async Task Of_uploads_of_one_build_at_once_on_different_processes_one_wins()
    {
        await using var cluster = await WebCluster.StartAsync(server);
        for (var round = 0; round < 6; round++)
        {
            var build = Sample(round);
            var answers = await Task.WhenAll(
                Enumerable.Range(0, WebCluster.Count).Select(number => cluster.TryUploadAsync(cluster.Address(number), build.Exec))
            );
            Assert.Single(answers, HttpStatusCode.Created);
            Assert.Equal(WebCluster.Count - 1, answers.Count(static answer => answer == HttpStatusCode.Conflict));
            build.IsStored = true;
            await SeesAsync(cluster, build);
        }
        await cluster.RunAsync("db", "verify-data-dir");
    }

    [Fact]
    public async Task What_a_stopped_process_did_another_one_goes_on_with_and_its_late_work_is_refused()
    {
        await using var cluster = await WebCluster.StartAsync(server);
        var first = Sample(0);
        await cluster.UploadAsync(first.Exec);
        await SettledAsync(cluster);
        var holder = await HolderAsync(cluster, "index of contents");
        await cluster.FreezeAsync(holder);
        await cluster.UploadAsync(Sample(1).Exec);
        await cluster.UploadAsync(Sample(Jobs).Exec);
        await SettledAsync(cluster);
        Assert.NotEqual(holder, await HolderAsync(cluster, "index of contents"));
        Assert.Contains("not heard of", await cluster.RunAsync("db", "processes"), StringComparison.Ordinal);

        await cluster.ThawAsync(holder);
        var pid = cluster.Process(holder).Id;
        await cluster.UntilAsync(
            $"SELECT COUNT(*) FROM web_process WHERE pid = {pid} AND seen >= (SELECT MAX(seen) FROM web_process) - 3000",
            "1"
        );
        await cluster.UploadAsync(Sample(2).Exec);
        await SettledAsync(cluster);
        await cluster.UntilAsync("SELECT build FROM package_progress", "4");
        await cluster.RunAsync("db", "verify-data-dir");
    }

    private static async Task<int> HolderAsync(WebCluster cluster, string work)
    {
        while (true)
        {
            var rows = await cluster.QueryAsync(
                $"SELECT pid FROM work_lease JOIN web_process ON web_process.id = owner WHERE work = '{work}' AND expires > EXTRACT(EPOCH FROM clock_timestamp()) * 1000"
            );
            if (rows is [var pid])
                return Enumerable.Range(0, WebCluster.Count).Single(number => $"{cluster.Process(number).Id}" == pid);
            await Task.Delay(50, Stop);
        }
    }

    /// <summary>All background work is done: nothing waits, nobody holds an item.</summary>
    private static async Task SettledAsync(WebCluster cluster)
    {
        // Each output of a job is compared with the one before it.
        await cluster.UntilAsync(
            """
            SELECT (SELECT COUNT(*) FROM difference WHERE causes IS NOT NULL)
                = (SELECT COALESCE(SUM(outputs - 1), 0) FROM (SELECT COUNT(DISTINCT main_sha256) AS outputs FROM build GROUP BY job) AS of_job)
            """,
            "t"
        );
        await cluster.UntilAsync("SELECT (SELECT build FROM package_progress) = (SELECT MAX(id) FROM build)", "t");
        await cluster.UntilAsync("SELECT (SELECT build FROM failure_progress) = (SELECT MAX(id) FROM build)", "t");
    }

    /// <summary>Each event arrives, the first time in the order in which they were recorded.</summary>
    private static async Task NotifiedAsync(WebCluster cluster, EventReceiver receiver)
    {
        await cluster.UntilAsync("SELECT (SELECT position FROM outbox_target) = (SELECT MAX(id) FROM outbox_event)", "t");
        var recorded = await cluster.QueryAsync("SELECT build_uuid FROM outbox_event WHERE kind = 'build.stored' ORDER BY id");
        var arrived = receiver.Events.Where(static one => one.Kind.EndsWith("build.stored", StringComparison.Ordinal)).ToList();
        Assert.Equal(recorded, arrived.DistinctBy(static one => one.Id).Select(static one => one.Build!));
        Assert.Equal(recorded.Length, recorded.Distinct().Count());
    }

    private static async Task ReadUntilAsync(Task end, WebCluster cluster, List<SampleBuild> builds)
    {
        while (!end.IsCompleted)
        {
            foreach (var build in builds.Where(static build => build.IsStored))
                await SeesAsync(cluster, build);
            Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync("/")).Status);
        }
    }

    private static async Task SeesAsync(WebCluster cluster, SampleBuild build)
    {
        var (status, exec) = await cluster.GetAsync($"/job/{build.Job}/build/{build.Uuid}/exec");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(build.Exec.AsSpan().SequenceEqual(exec), $"{build.Uuid} is seen with {exec.Length} bytes of {build.Exec.Length}");
    }

    private static async Task ConfigureAsync(string directory, Uri receiver)
    {
        await File.WriteAllTextAsync(Path.Combine(directory, "hook.secret"), $"whsec_{Convert.ToBase64String(new byte[32])}\n", Stop);
        File.SetUnixFileMode(Path.Combine(directory, "hook.secret"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(
            Path.Combine(directory, "notify.yaml"),
            $"""
            targets:
              - name: hook
                type: webhook
                url: {receiver}
                secret-file: hook.secret
                allow-private: 127.0.0.1
            """,
            Stop
        );
    }

    /// <summary>The builds of a job have the same inputs and different outputs.</summary>
    private static SampleBuild Sample(int number)
    {
        var uuid = BuildUuid.NewRandom();
        var job = $"job-{number % Jobs}";
        var started = Timestamp.From(new DateTimeOffset(2026, 11, 25, 6, 0, 0, TimeSpan.Zero).AddMinutes(number));
        static Artifact Of(string path, string text, int size = 0) =>
            new(ArtifactPath.Parse(path), Encoding.UTF8.GetBytes(text.PadRight(size)));
        var exec = new Exec(
            new ScriptJob(ByteString.FromUtf8(job), ByteString.FromUtf8("test-platform"), ByteString.FromUtf8("#!/bin/sh\nmake\n")),
            uuid,
            [new ConsoleLine(1, ByteString.FromUtf8($"build {number}"))],
            started,
            started,
            new ExecutionResult.Exited(0),
            [
                Of("bin/result", $"made at {started}", 50_000),
                Of("build-environment", "PATH=/bin"),
                Of("build-inputs", "sources"),
                Of("system-packages", "gcc=12"),
                Of("README.md", $"# {job}"),
            ]
        );
        return new SampleBuild(job, uuid, ExecCodec.Encode(exec));
    }

    private sealed record SampleBuild(string Job, BuildUuid Uuid, byte[] Exec)
    {
        /// <summary>A client was told so.</summary>
        public bool IsStored { get; set; }
    }
}
