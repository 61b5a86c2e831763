using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Builder.EndToEnd.Tests;

/// <summary>The commands of <c>builder notify</c>, beside a site that sends and gets a failed build.</summary>
public sealed class NotifyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Targets_are_checked_tried_listed_and_given_up_and_a_failed_build_arrives_with_its_first_error()
    {
        await using var farm = await FarmProcesses.StartAsync(workerCount: 1, "--sandbox", "none");
        var port = FreePort();
        string[] data = ["--datadir", farm.WebDirectory, "--configdir", farm.ConfigurationDirectory];
        var secret = Path.Combine(farm.ConfigurationDirectory, "hook.secret");
        await File.WriteAllTextAsync(secret, "whsec_" + Convert.ToBase64String(new byte[32]), Stop);
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var targets = Path.Combine(farm.ConfigurationDirectory, "notify.yaml");

        await File.WriteAllTextAsync(targets, "targets:\n  - name: hook\n    type: pigeon\n", Stop);
        var (refused, problem) = await BuilderProcess.RunAsync(["notify", "check", .. data]);
        Assert.Equal(1, refused);
        Assert.Contains("pigeon", problem, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            targets,
            $"targets:\n  - name: hook\n    type: webhook\n    url: http://127.0.0.1:{port}/hook\n    allow-private: 127.0.0.1\n    secret-file: hook.secret\n    events: [build.failed]\n",
            Stop
        );
        var (taken, checkedText) = await BuilderProcess.RunAsync(["notify", "check", .. data]);
        Assert.True(taken == 0, checkedText);
        Assert.Equal(1, (await BuilderProcess.RunAsync(["notify", "test", "hook", .. data])).ExitCode);

        // Nobody listens yet: what failed waits, and the list says why.
        await UntilAsync(["notify", "list", .. data], static text => text.Contains("hook", StringComparison.Ordinal));
        await farm.ScheduleAsync("broken", "#!/bin/sh\necho 'a.c:1:10: fatal error: gmp.h: No such file or directory'\nexit 2\n");
        await farm.AllRecordedAsync(["broken"]);
        await UntilAsync(["notify", "list", .. data], static text => text.Contains("refused", StringComparison.OrdinalIgnoreCase));

        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        Assert.Equal(0, (await BuilderProcess.RunAsync(["notify", "retry", "hook", .. data])).ExitCode);
        using var sent = JsonDocument.Parse(await ReceiveAsync(listener));
        Assert.Equal("builder.build.failed", sent.RootElement.GetProperty("type").GetString());
        Assert.Equal(
            "a.c:1:10: fatal error: gmp.h: No such file or directory",
            sent.RootElement.GetProperty("data").GetProperty("first_error").GetProperty("text").GetString()
        );

        var trying = BuilderProcess.RunAsync(["notify", "test", "hook", .. data]);
        using var test = JsonDocument.Parse(await ReceiveAsync(listener));
        Assert.Equal("builder.notify.test", test.RootElement.GetProperty("type").GetString());
        Assert.Equal(0, (await trying).ExitCode);
        Assert.Equal(1, (await BuilderProcess.RunAsync(["notify", "drop", "hook", "--dead", .. data])).ExitCode);
        var (unknown, output) = await BuilderProcess.RunAsync(["notify", "retry", "nobody", .. data]);
        Assert.NotEqual(0, unknown);
        Assert.Contains("nobody", output, StringComparison.Ordinal);
    }

    /// <summary>The body of the next request, which is taken.</summary>
    private static async Task<string> ReceiveAsync(HttpListener listener)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(BuilderProcess.Patience);
        var context = await listener.GetContextAsync().WaitAsync(patience.Token);
        using var reader = new StreamReader(context.Request.InputStream);
        var body = await reader.ReadToEndAsync(patience.Token);
        context.Response.StatusCode = 204;
        context.Response.Close();
        return body;
    }

    private static async Task UntilAsync(string[] arguments, Func<string, bool> isThere)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(BuilderProcess.Patience);
        while (true)
        {
            var (_, output) = await BuilderProcess.RunAsync(arguments);
            if (isThere(output))
                return;
            Assert.False(patience.IsCancellationRequested, output);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
