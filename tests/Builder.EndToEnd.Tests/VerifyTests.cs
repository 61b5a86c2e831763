using System.Text.Json;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>The promise of issue and page: a stranger with a file checks it against a farm that was started with one command.</summary>
public sealed class VerifyTests
{
    [Fact]
    public async Task A_file_of_a_farm_is_verified_by_one_command_and_a_changed_one_is_not()
    {
        using var directory = new TemporaryDirectory();
        var environment = new Dictionary<string, string> { ["XDG_STATE_HOME"] = directory["state"] };
        await using var up = BuilderProcess.Start(["up", "--samples", "--datadir", directory["farm"], "--port", "0", "--workers", "1"]);
        var site = await UpTests.AddressAsync(up);
        await up.LineAsync(line => line.Contains("all samples are built", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = site };
        var page = await ProvenAsync(http, "/job/hello-deb/build/latest");
        var file = directory["hello.deb"];
        await File.WriteAllBytesAsync(
            file,
            await http.GetByteArrayAsync($"{page}/main-binary", TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken
        );

        await using (var verify = BuilderProcess.Start(["verify", file, "--site", site.ToString()], environment))
        {
            Assert.True(await verify.ExitAsync() == 0, verify.Transcript);
            Assert.Contains("✓ entry ", verify.Transcript, StringComparison.Ordinal);
            Assert.EndsWith("Verified: hello.deb was built by job hello-deb", verify.Transcript.TrimEnd(), StringComparison.Ordinal);
        }
        await using (var verify = BuilderProcess.Start(["verify", new Uri(site, page).ToString()], environment))
            Assert.True(await verify.ExitAsync() == 0, verify.Transcript);
        // A farm on this machine is nobody to remember.
        Assert.False(Directory.Exists(directory["state"]));

        await File.AppendAllTextAsync(file, "changed", TestContext.Current.CancellationToken);
        await using (var verify = BuilderProcess.Start(["verify", file, "--site", site.ToString()], environment))
        {
            Assert.Equal(1, await verify.ExitAsync());
            Assert.EndsWith("Not verified: there is no statement about this file", verify.Transcript.TrimEnd(), StringComparison.Ordinal);
        }
    }

    /// <summary>The page of the build, once its statement is in the log.</summary>
    private static async Task<string> ProvenAsync(HttpClient http, string latest)
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(patience.Token))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{latest}/proof");
            request.Headers.Accept.ParseAdd("application/json");
            using var answer = await http.SendAsync(request, patience.Token);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(patience.Token));
            if (
                json
                    .RootElement.GetProperty("facts")
                    .EnumerateArray()
                    .Any(static fact => fact.GetProperty("name").GetString() == "log" && fact.GetProperty("state").GetString() == "proven")
            )
                return $"/job/hello-deb/build/{json.RootElement.GetProperty("uuid").GetString()}";
        }
        throw new InvalidOperationException("the timer ended");
    }
}
