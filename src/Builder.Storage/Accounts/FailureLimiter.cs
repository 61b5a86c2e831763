using System.Net;
using System.Net.Sockets;

namespace Builder.Storage.Accounts;

/// <summary>Counts failures per address (IPv6: per /64 network) in windows of a minute.</summary>
internal sealed class FailureLimiter(TimeProvider clock)
{
    private const int MostFailures = 10;
    private const int MostAddresses = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Dictionary<IPAddress, (int Failures, DateTimeOffset Since)> failures = [];

    /// <summary>How long the address has to wait; null where it may try.</summary>
    public TimeSpan? Wait(IPAddress address)
    {
        lock (failures)
        {
            if (!failures.TryGetValue(Network(address), out var entry) || entry.Failures < MostFailures)
                return null;
            var rest = entry.Since + Window - clock.GetUtcNow();
            return rest > TimeSpan.Zero ? rest : null;
        }
    }

    public void Failed(IPAddress address)
    {
        var now = clock.GetUtcNow();
        lock (failures)
        {
            if (failures.Count >= MostAddresses)
                Forget(now);
            var network = Network(address);
            failures[network] = failures.TryGetValue(network, out var entry) && now - entry.Since < Window
                ? (entry.Failures + 1, entry.Since)
                : (1, now);
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (address, entry) in failures)
        {
            if (now - entry.Since >= Window)
                failures.Remove(address);
        }
        // Ten thousand failing networks within a minute: start anew rather than grow.
        if (failures.Count >= MostAddresses)
            failures.Clear();
    }

    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
