using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Options;
using Builder.Server.Tests.State;
using Builder.Testing;

namespace Builder.Server.Tests.Connections;

/// <summary>A disk that is full to the last byte: nothing that was acknowledged is lost, nothing is acknowledged that is not saved.</summary>
public sealed class DiskFullTests
{
    private static readonly ByteString Platform = ByteString.FromUtf8("debian-12");

    /// <summary>Long, so that the room which the journal has taken ahead does not last.</summary>
    private static readonly ByteString Script = new(Enumerable.Repeat((byte)'#', 100_000).ToArray());

    [Fact]
    public async Task Requests_are_refused_while_nothing_can_be_saved_and_what_was_acknowledged_lasts()
    {
        using var disk = new SmallDisk(megabytes: 8);
        await using var server = await RunningServer.StartAsync(options => options with { Directory = Path.Combine(disk.Path, "server") });
        Assert.Null(await TryScheduleAsync(server, "before"));
        disk.Fill();

        var acknowledged = new List<string> { "before" };
        string? refusal;
        while ((refusal = await TryScheduleAsync(server, $"job-{acknowledged.Count}")) is null)
            acknowledged.Add($"job-{acknowledged.Count}");

        Assert.StartsWith("not saved: ", refusal, StringComparison.Ordinal);
        Assert.Contains("No space left", refusal, StringComparison.Ordinal);
        Assert.StartsWith(
            "the server cannot save anything at present: ",
            await TryScheduleAsync(server, "later"),
            StringComparison.Ordinal
        );
        Assert.Superset(acknowledged.ToHashSet(), Names(await server.InfoAsync()));
        Assert.Superset(acknowledged.ToHashSet(), await NamesAfterCrashAsync(disk));
        using var worker = await server.ConnectAsync(PeerKind.Worker);
        await worker.SendAsync(new Command.JobRequested(Platform));
        Assert.Empty((await server.InfoAsync()).Running);

        disk.MakeRoom();

        var job = Assert.IsType<Command.JobSchedule>(await worker.ReceiveAsync());
        Assert.Equal("before", job.Job.Name.ToString());
        Assert.Null(await TryScheduleAsync(server, "later"));
        acknowledged.Add("later");
        await server.StopAsync();
        await server.StartAgainAsync();
        Assert.Superset(acknowledged.ToHashSet(), Names(await server.InfoAsync()));
        Assert.Contains(server.Log.Lines, line => line.Contains("the journal can be written again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_finished_build_that_cannot_be_written_is_told_to_its_worker_and_its_observers_and_built_again()
    {
        using var disk = new SmallDisk(megabytes: 8);
        var directory = Path.Combine(disk.Path, "server");
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                Directory = directory,
                PauseAfterDiskTrouble = TimeSpan.FromMilliseconds(200),
            }
        );
        await server.ScheduleAsync("big");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(new Command.Output(job.Uuid, ByteString.FromUtf8("built")));
        using var observer = await server.ConnectAsync(PeerKind.Client);
        await observer.SendAsync(new Command.Observe(job.Uuid));
        Assert.IsType<Command.OutputTimestamped>(await observer.ReceiveAsync());
        disk.Fill();

        var files = new[] { new Artifact(ArtifactPath.Parse("bin/big"), new byte[200_000]) };
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), files));

        Assert.Equal("the server cannot write the build", Assert.IsType<Command.Failure>(await worker.ReceiveAsync()).Reason.ToString());
        worker.Dispose();
        var end = Assert.IsType<Command.OutputTimestamped>(await observer.ReceiveAsync()).Line.ToString();
        Assert.StartsWith("builder: the server could not write the build", end, StringComparison.Ordinal);
        Assert.EndsWith("the job is queued again", end, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(directory, "big"));

        disk.MakeRoom();

        var (second, again) = await server.TakeAsync();
        using (second)
        {
            Assert.NotEqual(job.Uuid, again.Uuid);
            await second.SendAsync(new Command.JobFinished(again.Uuid, new ExecutionResult.Exited(0), files));
            Assert.Null(await second.ReceiveAsync());
        }
        var full = Assert.Single(Directory.GetFiles(Path.Combine(directory, "big"), "full", SearchOption.AllDirectories));
        Assert.Equal(again.Uuid, ExecCodec.Decode(await File.ReadAllBytesAsync(full, TestContext.Current.CancellationToken)).Uuid);
    }

    [Fact]
    public async Task A_server_that_finds_a_full_disk_at_its_start_says_so_and_starts_when_there_is_room()
    {
        using var disk = new SmallDisk(megabytes: 8);
        disk.Fill();
        var log = new RunningServer.KeptLog();
        var options = new ServerOptions
        {
            Port = 0,
            Directory = Path.Combine(disk.Path, "server"),
            ConfigurationDirectory = disk.Path,
        };
        await using var server = new BuilderServer(options, TimeProvider.System, log);

        var starting = server.StartAsync(TestContext.Current.CancellationToken);
        for (var tries = 0; !log.Lines.Any(line => line.Contains("No space left", StringComparison.Ordinal)); tries++)
        {
            Assert.True(tries < 1000 && !starting.IsCompleted, string.Join('\n', log.Lines));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        disk.MakeRoom();

        await starting;
        Assert.NotEqual(0, server.Port);
    }

    [Fact]
    public async Task A_directory_on_a_file_system_that_is_read_only_is_named_with_what_to_do()
    {
        using var disk = new SmallDisk(megabytes: 8);
        var options = new ServerOptions
        {
            Port = 0,
            Directory = Path.Combine(disk.Path, "server"),
            ConfigurationDirectory = disk.Path,
        };
        foreach (var exists in (bool[])[false, true])
        {
            if (exists)
                Directory.CreateDirectory(options.Directory);
            disk.Remount("ro");
            await using var server = new BuilderServer(options, TimeProvider.System, new RunningServer.KeptLog());
            var error = await Assert.ThrowsAsync<IOException>(() => server.StartAsync(TestContext.Current.CancellationToken));
            Assert.Contains(options.Directory, error.Message, StringComparison.Ordinal);
            Assert.Contains("ead-only", error.Message, StringComparison.Ordinal);
            Assert.EndsWith("choose another with --dir", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("in use by another server", error.Message, StringComparison.Ordinal);
            disk.Remount("rw");
        }
    }

    /// <returns>The reason of a refusal, or null.</returns>
    private static async Task<string?> TryScheduleAsync(RunningServer server, string name) =>
        (await server.AskAsync(new Command.Schedule(Period.Never, new ScriptJob(ByteString.FromUtf8(name), Platform, Script))))[0] switch
        {
            Command.Success => null,
            Command.Failure(var reason) => reason.ToString(),
            var other => throw new InvalidOperationException($"unexpected {other}"),
        };

    /// <summary>What a server finds that starts with the files as they are at this moment.</summary>
    private static async Task<HashSet<string>> NamesAfterCrashAsync(SmallDisk disk)
    {
        using var copy = new TemporaryDirectory();
        Directory.CreateDirectory(copy["_journal"]);
        foreach (var file in Directory.GetFiles(Path.Combine(disk.Path, "server", "_journal")))
            File.Copy(file, Path.Combine(copy["_journal"], Path.GetFileName(file)));
        await using var server = await RunningServer.StartAsync(options => options with { Directory = copy.Path });
        return Names(await server.InfoAsync());
    }

    private static HashSet<string> Names(ServerInfo info) => [.. info.Schedule.Select(item => item.Job.Name.ToString())];
}
