using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Server.Options;

namespace Builder.Server.Tests.Connections;

public sealed class TlsTests : IDisposable
{
    private readonly X509Certificate2 authority = Make("CN=authority", issuer: null);

    [Fact]
    public async Task A_worker_with_a_certificate_of_the_authority_needs_no_key_and_a_client_still_does()
    {
        using var own = Make("CN=worker", authority);
        await using var server = await StartAsync();

        using var worker = await ConnectAsync(server.Port, own);
        Assert.Equal(
            new Command.ServerHello(),
            await AnswerAsync(worker, new Command.ClientHello(PeerKind.Worker, ProtocolVersion.Worker))
        );

        using var client = await ConnectAsync(server.Port, own);
        Assert.IsType<Command.Failure>(await AnswerAsync(client, new Command.ClientHello(PeerKind.Client, ProtocolVersion.Client)));
    }

    [Fact]
    public async Task Strangers_certificates_none_and_plain_TCP_are_refused()
    {
        using var strangers = Make("CN=authority", issuer: null);
        using var strange = Make("CN=worker", strangers);
        await using var server = await StartAsync();

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var refused = await ConnectAsync(server.Port, strange);
            if (await AnswerAsync(refused, new Command.ClientHello(PeerKind.Worker, ProtocolVersion.Worker)) is null)
                throw new AuthenticationException("closed");
        });
        using var without = await ConnectAsync(server.Port, certificate: null);
        Assert.IsType<Command.Failure>(await AnswerAsync(without, new Command.ClientHello(PeerKind.Worker, ProtocolVersion.Worker)));
        using var plain = await server.ConnectAsync();
        await plain.SendAsync(new Command.ClientHello(PeerKind.Worker, ProtocolVersion.Worker));
        plain.EndSending();
        await Assert.ThrowsAnyAsync<Exception>(async () => Assert.NotNull(await plain.ReceiveAsync()));
    }

    public void Dispose() => authority.Dispose();

    private Task<RunningServer> StartAsync()
    {
        var certificate = Make("CN=localhost", authority);
        return RunningServer.StartAsync(options => options with { RequiresKeys = true, Tls = new TlsOptions(certificate, [authority]) });
    }

    private async Task<SslStream> ConnectAsync(int port, X509Certificate2? certificate)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = certificate is null ? null : [certificate],
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };
        options.CertificateChainPolicy.CustomTrustStore.Add(authority);
        await stream.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
        return stream;
    }

    private static async Task<Command?> AnswerAsync(SslStream stream, Command command)
    {
        var reader = new FrameReader(stream, FrameLimits.Default, TimeProvider.System);
        await stream.WriteAsync(FrameWriter.Encode(command), TestContext.Current.CancellationToken);
        return await reader.ReadAsync(TestContext.Current.CancellationToken);
    }

    private static X509Certificate2 Make(string subject, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var from = TimeProvider.System.GetUtcNow().AddHours(-1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, true));
        if (issuer is null)
            return request.CreateSelfSigned(from, from.AddDays(10));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(issuer, from, from.AddDays(9), RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
