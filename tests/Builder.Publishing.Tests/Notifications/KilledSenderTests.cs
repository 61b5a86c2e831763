using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Builder.Publishing.Tests.Notifications;

/// <summary>
/// A site that is killed again and again while it sends. <c>BUILDER_NOTIFY_KILLS</c> and <c>BUILDER_NOTIFY_EVENTS</c> set how often and how many.
/// </summary>
public sealed class KilledSenderTests
{
    private static readonly int Kills = Number("BUILDER_NOTIFY_KILLS", 4);
    private static readonly int Events = Number("BUILDER_NOTIFY_EVENTS", 400);

    private static readonly string Executable = typeof(KilledSenderTests)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "BuilderExecutable")
        .Value!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_any_moment_each_event_arrives_and_none_before_an_earlier_one()
    {
        await using var outbox = await Outbox.CreateAsync();
        await using var receiver = new Receiver();
        await outbox.WriteAsync("hook.secret", $"whsec_{Convert.ToBase64String(Outbox.Secret)}\n");
        await outbox.WriteAsync(
            "notify.yaml",
            $"""
            targets:
              - name: hook
                type: webhook
                url: {receiver.Address}
                secret-file: hook.secret
                allow-private: 127.0.0.1
            """
        );
        // The target begins with what comes after it is known.
        using (var first = Start(outbox))
        {
            await UntilKnownAsync(outbox);
            await KillAsync(first);
        }
        var random = new Random(19);
        for (var kill = 0; kill < Kills; kill++)
        {
            await outbox.AddAsync(Events / Kills);
            var moment = receiver.Requests.Count + random.Next(1, Events / Kills);
            using var site = Start(outbox);
            await receiver.WaitForAsync(moment, Stop);
            await KillAsync(site);
        }
        using (var last = Start(outbox))
        {
            while (receiver.Requests.Select(NumberOf).Distinct().Count() < Events)
                await Task.Delay(20, Stop);
            await KillAsync(last);
        }

        var arrived = receiver.Requests.Select(NumberOf).ToList();
        Assert.Equal(Enumerable.Range(1, Events), arrived.Distinct());
        // After a kill it begins again with what was not noted yet, and never leaves one out.
        Assert.All(
            arrived.Zip(arrived.Skip(1)),
            pair => Assert.True(pair.Second <= pair.First + 1, $"{pair.Second} came after {pair.First}")
        );
        Assert.InRange(arrived.Count, Events, Events + (51 * Kills));
    }

    private static async Task UntilKnownAsync(Outbox outbox)
    {
        while (true)
        {
            await using (var session = await outbox.Database.OpenReadAsync(Stop))
            {
                if ((await Storage.Outbox.OutboxTargets.ListAsync(session, TimeProvider.System.GetUtcNow(), Stop)).Count == 1)
                    return;
            }
            await Task.Delay(20, Stop);
        }
    }

    private static Process Start(Outbox outbox)
    {
        var start = new ProcessStartInfo(Executable) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["web", "--datadir", outbox.Data, "--configdir", outbox.Config, "--port", "0"])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task KillAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync(Stop);
    }

    private static int NumberOf(Received one)
    {
        using var json = JsonDocument.Parse(one.Body);
        return json.RootElement.GetProperty("data").GetProperty("number").GetInt32();
    }

    private static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : usual;
}
