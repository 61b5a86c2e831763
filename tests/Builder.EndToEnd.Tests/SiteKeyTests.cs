using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>A site asks a build server over TLS, with a key that is for some things only.</summary>
public sealed class SiteKeyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_site_acts_over_TLS_with_its_key_and_trusts_no_other_certificate()
    {
        using var directory = new TemporaryDirectory();
        using var authority = Make("CN=authority", null);
        using var own = Make("CN=localhost", authority);
        await File.WriteAllTextAsync(directory["ca.pem"], authority.ExportCertificatePem(), Stop);
        await File.WriteAllTextAsync(
            directory["server.pem"],
            own.ExportCertificatePem() + "\n" + own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
            Stop
        );
        File.SetUnixFileMode(directory["server.pem"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var strange = Make("CN=authority", null);
        await File.WriteAllTextAsync(directory["other.pem"], strange.ExportCertificatePem(), Stop);
        await using var server = BuilderProcess.Start(
            "server",
            "--port",
            "0",
            "--dir",
            directory["server"],
            "--config-dir",
            directory["config"],
            "--require-keys",
            "--tls-certificate",
            directory["server.pem"]
        );
        var line = await server.LineAsync(static line => line.Contains("listening on", StringComparison.Ordinal));
        var port = line[(line.LastIndexOf(':') + 1)..].Trim();
        var key = await RunAsync(["admin-key", "add", "site", "--may", "run", "--dir", directory["server"]]);
        await File.WriteAllTextAsync(directory["site.key"], key.Trim().Split('\n')[^1].Trim(), Stop);
        File.SetUnixFileMode(directory["site.key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var full = await RunAsync(["admin-key", "add", "me", "--dir", directory["server"]]);
        await File.WriteAllTextAsync(directory["me.key"], full.Trim().Split('\n')[^1].Trim(), Stop);
        File.SetUnixFileMode(directory["me.key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(directory["job.sh"], "true\n", Stop);
        await RunAsync([
            "client",
            "schedule",
            "hello",
            "debian-99",
            directory["job.sh"],
            "--period",
            "never",
            "-r",
            $"localhost:{port}",
            "--tls-ca",
            directory["ca.pem"],
            "--key-file",
            directory["me.key"],
        ]);
        await RunAsync(["db", "migrate", "-d", directory["web"]]);
        await BuilderProcess.RunAsync(
            ["db", "user-add", "anna", "--unrestricted", "--role", "operator", "-d", directory["web"]],
            "long enough\n"
        );
        var token = (await RunAsync(["db", "token-add", "anna", "--scope", "run:*", "--scope", "operate", "-d", directory["web"]])).Trim();

        await using (var site = Start(directory, port, "ca.pem"))
        {
            var address = await AddressAsync(site);
            using var http = new HttpClient { BaseAddress = address };
            Assert.Contains("on the schedule", await http.GetStringAsync("/activity", Stop), StringComparison.Ordinal);
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var run = await http.PostAsync("/job/hello/run", null, Stop);
            Assert.Equal(HttpStatusCode.OK, run.StatusCode);
            // Its key is not for this.
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("worker", "w")]);
            using var drain = await http.PostAsync("/workers/drain", form, Stop);
            Assert.Equal(HttpStatusCode.Conflict, drain.StatusCode);
            Assert.Contains("it needs", await drain.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
        await using var mistaken = Start(directory, port, "other.pem");
        using var other = new HttpClient { BaseAddress = await AddressAsync(mistaken) };
        Assert.Contains("cannot be asked", await other.GetStringAsync("/activity", Stop), StringComparison.Ordinal);
    }

    private static BuilderProcess Start(TemporaryDirectory directory, string port, string authority) =>
        BuilderProcess.Start(
            "web",
            "--port",
            "0",
            "--datadir",
            directory["web"],
            "--configdir",
            directory["config"],
            "--server",
            $"localhost:{port}",
            "--server-tls",
            "--server-tls-ca",
            directory[authority],
            "--server-key-file",
            directory["site.key"]
        );

    private static async Task<Uri> AddressAsync(BuilderProcess site)
    {
        var line = await site.LineAsync(static line => line.Contains("listening on", StringComparison.Ordinal));
        return new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..].Trim());
    }

    private static X509Certificate2 Make(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var (from, to) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        if (issuer is null)
            return request.CreateSelfSigned(from, to);
        using var signed = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private static async Task<string> RunAsync(string[] arguments)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }
}
