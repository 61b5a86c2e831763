using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Worker.Tests.Conversation;

public sealed class TlsTests
{
    [Fact]
    public async Task A_worker_speaks_TLS_shows_its_certificate_and_checks_the_servers()
    {
        using var authority = Authority("authority");
        using var serverCertificate = Certificate(authority, "localhost");
        using var workerCertificate = Certificate(authority, "worker");
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        var worker = RunAsync(
            server,
            directory,
            new LinkOptions
            {
                UseTls = true,
                Authority = authority,
                Certificate = workerCertificate,
            }
        );

        using var peer = await server.AcceptAsync();
        await using var secure = new SslStream(peer.Stream, leaveInnerStreamOpen: true);
        var shown = "";
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = serverCertificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = certificate?.Subject ?? "";
                    return shown.Length > 0;
                },
            },
            TestContext.Current.CancellationToken
        );
        var reader = new FrameReader(secure, FrameLimits.Default, TimeProvider.System);
        using var writer = new FrameWriter(secure, FrameLimits.Default, TimeProvider.System);

        Assert.Equal(new Command.ClientHello(PeerKind.Worker, ProtocolVersion.ExtendedWorker), await ReadAsync());
        Assert.Equal("CN=worker", shown);
        await WriteAsync(new Command.ServerHello());
        Assert.IsType<Command.PeerIdentity>(await ReadAsync());
        await WriteAsync(new Command.Success());
        Assert.IsType<Command.Request>(await ReadAsync());
        Assert.IsType<Command.JobRequested>(await ReadAsync());
        await WriteAsync(new Command.JobSchedule(BuildUuid.NewRandom(), FakeServer.Peer.ScriptOf("echo over TLS; exit 6")));
        Assert.Equal("over TLS", Assert.IsType<Command.Output>(await ReadAsync()).Line.ToString());
        Assert.IsType<Command.Usage>(await ReadAsync());
        Assert.Equal(new ExecutionResult.Exited(6), Assert.IsType<Command.JobFinished>(await ReadAsync()).Result);
        await WriteAsync(new Command.Success());
        await worker;

        async Task<Command?> ReadAsync() => await reader.ReadAsync(TestContext.Current.CancellationToken);

        async Task WriteAsync(Command command) => await writer.WriteAsync(command, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("another.example.org", false)]
    public async Task A_server_with_a_wrong_certificate_gets_no_word(string name, bool isFromAnotherAuthority)
    {
        using var authority = Authority("authority");
        using var other = Authority("other authority");
        using var serverCertificate = Certificate(isFromAnotherAuthority ? other : authority, name);
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        var worker = RunAsync(
            server,
            directory,
            new LinkOptions
            {
                UseTls = true,
                Authority = authority,
                Key = ByteString.FromUtf8("secret"),
            }
        );

        using var peer = await server.AcceptAsync();
        await using var secure = new SslStream(peer.Stream, leaveInnerStreamOpen: true);
        var options = new SslServerAuthenticationOptions { ServerCertificate = serverCertificate };
        var read = 0;
        try
        {
            await secure.AuthenticateAsServerAsync(options, TestContext.Current.CancellationToken);
            read = await secure.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            // The worker broke off in the handshake.
        }

        Assert.Equal(0, read);
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => worker);
        Assert.StartsWith($"cannot connect to {server.Address with { Host = "localhost" }}: ", refused.Message, StringComparison.Ordinal);
    }

    private static Task RunAsync(FakeServer server, TemporaryDirectory directory, LinkOptions link)
    {
        var options = new WorkerOptions
        {
            Platform = Platform.Parse("debian-12"),
            Remote = server.Address with { Host = "localhost" },
            WorkDirectory = directory.Path,
            Link = link,
        };
        return new BuilderWorker(options, TimeProvider.System, NullLogger.Instance).RunAsync(TestContext.Current.CancellationToken);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static X509Certificate2 Certificate(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
