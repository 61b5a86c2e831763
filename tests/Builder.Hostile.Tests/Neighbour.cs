using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Builder.Testing;

namespace Builder.Hostile.Tests;

/// <summary>Another machine on a network of ours: a namespace with two addresses, which says "hello" to whoever connects.</summary>
internal sealed class Neighbour : IDisposable
{
    public const int Port = 7777;

    private const string Live = """
        echo ready; read -r card first second && ip link set lo up && ip address add "$first/29" dev "$card" && ip address add "$second/29" dev "$card" &&
          ip link set "$card" up && exec perl -MIO::Socket::INET -e '
            my $listener = IO::Socket::INET->new(Listen => 9, LocalAddr => "0.0.0.0", LocalPort => $ARGV[0]) or die;
            $| = 1; print "listening\n";
            while (my $peer = $listener->accept) { print $peer "hello\n"; close $peer }' "$1"
        """;

    private readonly Process holder;

    private Neighbour(Process holder, IPAddress first, IPAddress second) => (this.holder, First, Second) = (holder, first, second);

    public IPAddress First { get; }

    public IPAddress Second { get; }

    public static async Task<Neighbour> StartAsync()
    {
        Requirement.Root("make a network");
        Requirement.Programs("unshare", "ip");
        var start = new ProcessStartInfo("unshare", ["--net", "sh", "-c", Live, "sh", $"{Port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var holder = Process.Start(start)!;
        var network = Random.Shared.Next(1 << 13);
        // Of the range for measurements between networks (RFC 2544), which nobody uses otherwise.
        IPAddress Address(int host) => new([198, 18, (byte)(network >> 5), (byte)(((network & 31) << 3) + host)]);
        var neighbour = new Neighbour(holder, Address(2), Address(3));
        try
        {
            Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            var card = string.Create(CultureInfo.InvariantCulture, $"bt{holder.Id}");
            string[] commands =
            [
                $"link add {card} type veth peer name {card}p netns {holder.Id}",
                $"address add {Address(1)}/29 dev {card}",
                $"link set {card} up",
            ];
            foreach (var command in commands)
            {
                using var ip = Process.Start(new ProcessStartInfo("ip", command) { RedirectStandardError = true })!;
                var complaint = await ip.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                await ip.WaitForExitAsync(TestContext.Current.CancellationToken);
                Requirement.Met(ip.ExitCode == 0, $"ip {command}: {complaint}");
            }
            await holder.StandardInput.WriteLineAsync($"{card}p {neighbour.First} {neighbour.Second}");
            await holder.StandardInput.FlushAsync();
            Assert.Equal("listening", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            return neighbour;
        }
        catch
        {
            neighbour.Dispose();
            throw;
        }
    }

    /// <summary>What it says to this machine.</summary>
    public static async Task<string?> AskAsync(IPAddress address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address, Port, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The cards go with the namespace.</summary>
    public void Dispose()
    {
        holder.Kill();
        holder.WaitForExit();
        holder.Dispose();
    }
}
