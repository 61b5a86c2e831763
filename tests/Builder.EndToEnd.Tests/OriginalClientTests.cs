using System.Text.RegularExpressions;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>What <c>builder-client</c> and <c>builder-worker</c> print and report under their original names, with real processes.</summary>
public sealed partial class OriginalClientTests : IAsyncDisposable
{
    private readonly TemporaryDirectory directory = new();
    private BuilderProcess? server;
    private string remote = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Observe_prints_the_time_and_the_line_and_succeeds_whatever_became_of_the_build()
    {
        await StartAsync();
        await ScheduleAsync($"echo one\nuntil [ -e {directory["go"]} ]; do sleep 0.05; done\necho two\nexit 3\n");
        await using var worker = StartWorker();
        var uuid = Uuid().Match(await server!.LineAsync(line => line.Contains("job hello handed to", StringComparison.Ordinal))).Value;

        await using var latest = Client("observe-latest");
        Assert.Equal($"Observing hello on p ({uuid})", await latest.LineAsync(_ => true));
        await using var observe = Client("observe", uuid);
        foreach (var client in (BuilderProcess[])[latest, observe])
            await client.LineAsync(line => line.EndsWith(" one", StringComparison.Ordinal));
        await File.WriteAllTextAsync(directory["go"], "", Cancellation);

        Assert.Equal((0, 0), (await latest.ExitAsync(), await observe.ExitAsync()));
        foreach (var client in (BuilderProcess[])[latest, observe])
        {
            var lines = client.Transcript.Split('\n').Where(line => !line.StartsWith("Observing ", StringComparison.Ordinal)).ToList();
            Assert.All(lines, line => Assert.Matches(TimeAndLine(), line));
            Assert.Equal(
                ["one", "two", "exited 3"],
                lines
                    .Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])
                    .Where(line => line is "one" or "two" or "exited 3")
            );
        }
    }

    [Fact]
    public async Task Drop_platform_prints_what_the_original_prints()
    {
        await StartAsync();
        await ScheduleAsync("true\n");
        await using var drop = Client("drop-platform", "p");
        Assert.Equal(0, await drop.ExitAsync());
        Assert.Equal("Platform p dropped. Remember to disable workers for that platform.", drop.Transcript);
        await using var undrop = Client("undrop-platform", "p");
        Assert.Equal((0, ""), (await undrop.ExitAsync(), undrop.Transcript));
    }

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("TERM", 143)]
    public async Task A_script_that_a_signal_ends_has_the_status_that_a_shell_reports_and_the_worker_ends_well(string signal, int status)
    {
        await StartAsync();
        await ScheduleAsync($"kill -{signal} $$\n");
        await using var worker = StartWorker();
        Assert.Equal(0, await worker.ExitAsync());
        await server!.LineAsync(line =>
            line.Contains("job hello, build", StringComparison.Ordinal) && line.EndsWith($"exited {status}", StringComparison.Ordinal)
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        directory.Dispose();
    }

    private async Task StartAsync()
    {
        foreach (var name in (string[])["builder-client", "builder-worker"])
            File.CreateSymbolicLink(directory[name], BuilderProcess.Executable);
        Directory.CreateDirectory(directory["work"]);
        server = BuilderProcess.Start("server", "--port", "0", "--dir", directory["server"], "--config-dir", directory["config"]);
        remote = (await server.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal))).Split(' ')[^1];
    }

    private async Task ScheduleAsync(string script)
    {
        await File.WriteAllTextAsync(directory["job.sh"], script, Cancellation);
        await using var client = Client("schedule", "hello", "p", directory["job.sh"], "--period=never");
        Assert.True(await client.ExitAsync() == 0, client.Transcript);
    }

    private BuilderProcess StartWorker() =>
        BuilderProcess.Start([directory["builder-worker"]], ["p", "-r", remote, "--workdir", directory["work"]], []);

    private BuilderProcess Client(params string[] arguments) =>
        BuilderProcess.Start([directory["builder-client"]], [.. arguments, "-r", remote], []);

    /// <summary>Such as <c>867.000ms one</c>, <c>4.001s two</c>.</summary>
    [GeneratedRegex(@"^(\d+\.\d{3}(s|ms|μs)|\d+m\d\ds) .*$")]
    private static partial Regex TimeAndLine();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();
}
