using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Builder.Publishing.Tests.Served;

/// <summary>A real nginx that ends TLS in front of a site, on a loopback address of its own, gone when the test ends.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private const int Port = 8443;

    private readonly Process process;
    private readonly X509Certificate2 certificate;

    private Nginx(Process process, X509Certificate2 certificate, IPAddress address)
    {
        this.process = process;
        this.certificate = certificate;
        Address = new Uri($"https://{address}:{Port}");
    }

    public Uri Address { get; }

    /// <param name="headers">Directives <c>proxy_set_header</c>.</param>
    public static async Task<Nginx> StartAsync(string directory, Uri site, string headers)
    {
        Directory.CreateDirectory(directory);
        // Random, so that tests at the same time do not meet.
        var address = new IPAddress([
            127,
            (byte)RandomNumberGenerator.GetInt32(1, 255),
            (byte)RandomNumberGenerator.GetInt32(1, 255),
            (byte)RandomNumberGenerator.GetInt32(1, 255),
        ]);
        var certificate = Certificate(address);
        await File.WriteAllTextAsync(Path.Combine(directory, "certificate.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "key.pem"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(
            Path.Combine(directory, "nginx.conf"),
            $$"""
            daemon off; master_process off; pid {{directory}}/pid; error_log stderr notice;
            events {}
            http {
              access_log off; client_body_temp_path {{directory}}/b; proxy_temp_path {{directory}}/p; fastcgi_temp_path {{directory}}/f; uwsgi_temp_path {{directory}}/u; scgi_temp_path {{directory}}/s;
              server {
                listen {{address}}:{{Port}} ssl; ssl_certificate certificate.pem; ssl_certificate_key key.pem;
                location / { proxy_pass {{site.GetLeftPart(UriPartial.Authority)}}; {{headers}} }
              }
            }
            """
        );
        var process = Process.Start(
            new ProcessStartInfo("/usr/sbin/nginx", ["-p", directory, "-c", "nginx.conf", "-e", "stderr"]) { RedirectStandardError = true }
        )!;
        var said = new List<string>();
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            said.Add(line);
            if (line.Contains("OS: Linux", StringComparison.Ordinal))
            {
                _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
                return new Nginx(process, certificate, address);
            }
        }
        throw new InvalidOperationException($"nginx did not start: {string.Join('\n', said)}");
    }

    public HttpClient Client() =>
        new(
            new SocketsHttpHandler
            {
                SslOptions =
                {
                    RemoteCertificateValidationCallback = (_, presented, _, _) =>
                        presented?.GetCertHashString() == certificate.GetCertHashString(),
                },
            }
        )
        {
            BaseAddress = Address,
        };

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        certificate.Dispose();
    }

    private static X509Certificate2 Certificate(IPAddress address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest($"CN={address}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
