using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Builder.Testing;
using MimeKit;

namespace Builder.Publishing.Tests.Notifications;

/// <summary>Debian's aiosmtpd, which keeps mails in a Maildir.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly Process process;

    private MailServer(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    public static async Task<MailServer> StartAsync(CancellationToken cancellationToken)
    {
        Requirement.Met(
            File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/aiosmtpd"),
            "the Debian package python3-aiosmtpd is not installed"
        );
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        var place = Path.Combine(Directory.CreateTempSubdirectory("builder-mail-").FullName, "mail");
        var start = new ProcessStartInfo(Python) { RedirectStandardError = true };
        foreach (var argument in (string[])["-m", "aiosmtpd", "-n", "-l", $"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", place])
            start.ArgumentList.Add(argument);
        var server = new MailServer(Process.Start(start)!, port) { Maildir = place };
        server.process.ErrorDataReceived += static (_, _) => { };
        server.process.BeginErrorReadLine();
        while (!await IsListeningAsync(port, cancellationToken))
            await Task.Delay(20, cancellationToken);
        return server;
    }

    private string Maildir { get; init; } = "";

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<MimeMessage> Messages =>
        [
            .. new DirectoryInfo(Path.Combine(Maildir, "new"))
                .EnumerateFiles()
                .OrderBy(static file => NumberOf(file.Name))
                .Select(static file => MimeMessage.Load(file.FullName)),
        ];

    // Python names them SECONDS.MMICROSECONDSPPIDQNUMBER.HOST, without leading zeros.
    private static int NumberOf(string name) =>
        int.Parse(name.Split('.')[1].Split('Q')[1], NumberStyles.None, CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(Path.GetDirectoryName(Maildir)!, recursive: true);
    }

    private static async Task<bool> IsListeningAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
