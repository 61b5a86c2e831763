using System.Net.Sockets;
using Builder.Testing;
using Npgsql;

namespace Builder.Web.Tests.Troubles;

/// <summary>A socket in front of PostgreSQL's. While it is silent it takes connections and bytes, and passes none on, as a machine that hangs does.</summary>
internal sealed class SilentSocket : IAsyncDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly string target;
    private readonly Task accepting;
    private volatile bool isSilent;

    public SilentSocket(NpgsqlConnectionStringBuilder server)
    {
        var name = $".s.PGSQL.{server.Port}";
        target = Path.Combine(server.Host!, name);
        listener.Bind(new UnixDomainSocketEndPoint(directory[name]));
        listener.Listen();
        ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = directory.Path }.ConnectionString;
        accepting = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>A connection that was silent once stays so.</summary>
    public bool IsSilent
    {
        get => isSilent;
        set => isSilent = value;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        directory.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await listener.AcceptAsync(stop.Token)));
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var near = client;
        using var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await far.ConnectAsync(new UnixDomainSocketEndPoint(target), stop.Token);
        await Task.WhenAny(PassAsync(near, far), PassAsync(far, near));
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, stop.Token) is > 0 and var count)
        {
            if (isSilent)
                await Task.Delay(Timeout.Infinite, stop.Token);
            await to.SendAsync(buffer.AsMemory(0, count), stop.Token);
        }
    }
}
