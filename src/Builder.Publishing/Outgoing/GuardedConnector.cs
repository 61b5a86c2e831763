using System.Net;
using System.Net.Sockets;

namespace Builder.Publishing.Outgoing;

/// <summary>
/// Connects to a host of others' choice. The name is resolved once and the connection goes to the very address that was checked: a second look-up could
/// give another one.
/// </summary>
/// <param name="resolve">Gives the addresses of a name; the system's resolver where null.</param>
public sealed class GuardedConnector(AllowedNetworks allowed, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolve = resolve ?? Dns.GetHostAddressesAsync;

    /// <param name="isPlain">Without encryption: only to addresses that the operator named.</param>
    /// <exception cref="ForbiddenAddressException">No address of the host may be connected to.</exception>
    /// <exception cref="SocketException">None of them can be reached.</exception>
    public async Task<Socket> ConnectAsync(string host, int port, bool isPlain, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(host, cancellationToken);
        var permitted = addresses.Where(address => isPlain ? allowed.IsNamed(address) : allowed.Contains(address)).ToList();
        if (permitted.Count == 0)
            throw new ForbiddenAddressException(Refusal(host, addresses, isPlain));
        SocketException? last = null;
        foreach (var address in permitted)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return socket;
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                last = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw last!;
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return [address];
        var found = await resolve(host, cancellationToken);
        return found.Length > 0 ? found : throw new SocketException((int)SocketError.HostNotFound);
    }

    private string Refusal(string host, IPAddress[] addresses, bool isPlain)
    {
        var named = string.Join(", ", addresses.Take(4).Select(static address => address.ToString()));
        var place = named == host.Trim('[', ']') ? named : $"{host} is {named}, which";
        return isPlain && Array.Exists(addresses, allowed.Contains)
            ? $"{place} is reached without encryption: use https, or name the address under allow-private"
            : $"{place} is not a public address: name it under allow-private to allow it";
    }
}
