using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>Accounts, tokens and actions on a whole installation, over kill -9.</summary>
public sealed partial class AccountTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_act_through_the_site_and_what_was_done_survives_a_kill()
    {
        using var directory = new TemporaryDirectory();
        string[] arguments = ["up", "--datadir", directory.Path, "--port", "0", "--workers", "0"];
        string[] data = ["--datadir", directory["web"]];
        string[] server = ["-r", $"unix:{directory["sockets/client.sock"]}"];
        await File.WriteAllTextAsync(directory["script.sh"], "true\n", Stop);
        string token;
        await using (var up = BuilderProcess.Start(arguments))
        {
            var site = (await UpTests.AddressAsync(up)).ToString();
            // Its output goes into a pipe: no secret stands there, but the command that makes a link.
            var line = await up.LineAsync(text => text.Contains("Sign in", StringComparison.Ordinal));
            Assert.Contains("builder db sign-in-link admin", line, StringComparison.Ordinal);
            Assert.DoesNotContain("secret=", up.Transcript, StringComparison.Ordinal);
            var link = (await RunAsync(["db", "sign-in-link", "admin", "--site", site, .. data])).Trim();
            await SignInOnceAsync(site, link);

            token = (await RunAsync(["db", "token-add", "admin", "--scope", "run:hel*", "--scope", "operate", .. data])).Trim();
            await RunAsync(["client", "schedule", "hello", "debian-99", directory["script.sh"], "--period", "never", .. server]);
            Assert.Equal(HttpStatusCode.OK, await PostAsync(site, "/job/hello/run", token));
            Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(site, "/job/other/run", token));
            Assert.Equal(HttpStatusCode.Conflict, await PostAsync(site, "/job/help/run", token));
            Assert.Equal(HttpStatusCode.OK, await PostAsync(site, "/workers/drain", token, ("worker", "big")));
            await up.KillAsync();
        }
        await using (var again = BuilderProcess.Start(arguments))
        {
            var site = (await UpTests.AddressAsync(again)).ToString();
            Assert.Equal(HttpStatusCode.Conflict, await PostAsync(site, "/workers/drain", token, ("worker", "big")));
            Assert.Equal(HttpStatusCode.OK, await PostAsync(site, "/workers/undrain", token, ("worker", "big")));
            var number = (await RunAsync(["db", "token-list", .. data])).Split('\t')[0];
            await RunAsync(["db", "token-revoke", number, .. data]);
            Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(site, "/job/hello/run", token));
            var audit = await RunAsync(["db", "audit", .. data]);
            Assert.Contains("admin (link, 127.0.0.1)  sign-in admin  done", audit, StringComparison.Ordinal);
            Assert.Contains("admin (token token, 127.0.0.1)  run hello  done", audit, StringComparison.Ordinal);
            Assert.Contains("run other  refused", audit, StringComparison.Ordinal);
            Assert.Contains("drain big  done", audit, StringComparison.Ordinal);
            Assert.Contains("(command line)  token-revoke admin: token  done", audit, StringComparison.Ordinal);
            Assert.DoesNotContain(token, audit + again.Transcript, StringComparison.Ordinal);
        }
    }

    private static async Task SignInOnceAsync(string site, string link)
    {
        using var http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false });
        http.DefaultRequestHeaders.Add("Origin", site.TrimEnd('/'));
        foreach (var expected in (HttpStatusCode[])[HttpStatusCode.SeeOther, HttpStatusCode.Forbidden])
        {
            var page = await http.GetStringAsync(new Uri(link), Stop);
            using var form = new FormUrlEncodedContent(
                Field().Matches(page).Select(field => KeyValuePair.Create(field.Groups[1].Value, field.Groups[2].Value))
            );
            using var answer = await http.PostAsync(new Uri(new Uri(site), "/sign-in/link"), form, Stop);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    private static async Task<HttpStatusCode> PostAsync(
        string site,
        string address,
        string token,
        params (string Name, string Value)[] fields
    )
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await http.PostAsync(new Uri(new Uri(site), address), form, Stop);
        return answer.StatusCode;
    }

    private static async Task<string> RunAsync(string[] arguments)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]+)\">")]
    private static partial Regex Field();
}
