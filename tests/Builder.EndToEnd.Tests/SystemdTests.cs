using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>Server and site as services of systemd: their words on the socket they are given, and the unit files.</summary>
public sealed class SystemdTests
{
    [Theory]
    [InlineData("server")]
    [InlineData("web")]
    public async Task A_service_says_that_it_is_ready_alive_and_stopping(string role)
    {
        using var directory = new TemporaryDirectory();
        Assert.Equal(0, (await BuilderProcess.RunAsync(["db", "migrate", "--datadir", directory["web"]])).ExitCode);
        string[] command =
            role == "web"
                ? ["web", "--port", "0", "--datadir", directory["web"], "--configdir", directory["config"]]
                : ["server", "--port", "0", "--dir", directory["server"], "--config-dir", directory["config"]];
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(directory["notify"]));
        await using var service = BuilderProcess.Start(
            command,
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = directory["notify"], ["WATCHDOG_USEC"] = "400000" }
        );

        var heard = new List<string>();
        while (heard.Count < 4)
            heard.Add(await HearAsync(socket));
        Assert.Equal(["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"], heard.Order());

        Assert.Equal(0, await service.TerminateAsync());
        string last;
        do last = await HearAsync(socket);
        while (last == "WATCHDOG=1");
        Assert.Equal("STOPPING=1", last);
    }

    [Theory]
    [InlineData("builder-server.service")]
    [InlineData("builder-signer.service")]
    [InlineData("builder-web.service")]
    [InlineData("builder-worker@.service")]
    public async Task The_unit_files_are_as_systemd_wants_them(string name)
    {
        Requirement.Programs("systemd-analyze");
        using var directory = new TemporaryDirectory();
        var unit = await File.ReadAllTextAsync(
            Path.Combine(BuilderProcess.Repository, "packaging", "systemd", name),
            TestContext.Current.CancellationToken
        );
        var copy = directory[name.Replace("@.", "@test.", StringComparison.Ordinal)];
        // It looks whether the program is there.
        await File.WriteAllTextAsync(
            copy,
            unit.Replace("/usr/bin/builder", BuilderProcess.Executable, StringComparison.Ordinal),
            TestContext.Current.CancellationToken
        );

        using var verify = Process.Start(
            new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", "--man=no", copy]) { RedirectStandardError = true }
        )!;
        var complaints = await verify.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await verify.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("", string.Join('\n', complaints.Split('\n').Where(line => line.Contains("builder-", StringComparison.Ordinal))));
        Assert.Equal(0, verify.ExitCode);
    }

    private static async Task<string> HearAsync(Socket socket)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(BuilderProcess.Patience);
        var buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, patience.Token));
    }
}
