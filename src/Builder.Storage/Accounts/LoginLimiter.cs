using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Builder.Storage.Accounts;

/// <summary>
/// Counts wrong passwords by account and address together, so that who guesses shuts out nobody else: neither the account elsewhere nor others behind the same address.
/// After some free ones each further attempt waits twice as long as the one before. An attempt counts from when it begins: many at once are as many as one after another.
/// </summary>
internal sealed class LoginLimiter(TimeProvider clock)
{
    private const int Free = 5;
    private const int MaxEntries = 10_000;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(15);

    private readonly Dictionary<LoginKey, Entry> entries = [];

    /// <summary>How many pairs of account and address are remembered.</summary>
    public int Count
    {
        get
        {
            lock (entries)
                return entries.Count;
        }
    }

    /// <summary>An attempt begins, which <see cref="End"/> ends.</summary>
    /// <returns>Null, or how long it has to wait: then it has not begun.</returns>
    public TimeSpan? Begin(LoginKey key)
    {
        var now = clock.GetUtcNow();
        lock (entries)
        {
            if (!entries.TryGetValue(key, out var entry))
            {
                if (entries.Count >= MaxEntries)
                    Forget(now);
                entries[key] = new Entry(0, 1, now);
                return null;
            }
            if (entry.Pending == 0 && now - entry.Last >= ForgottenAfter)
                entry = entry with { Failures = 0 };
            if (entry.Failures + entry.Pending >= Free)
            {
                var delay = DelayAfter(entry.Failures + entry.Pending);
                var wait = entry.Last + delay - now;
                if (entry.Pending > 0 || wait > TimeSpan.Zero)
                    return wait > FirstDelay ? wait : FirstDelay;
            }
            entries[key] = entry with { Pending = entry.Pending + 1 };
            return null;
        }
    }

    /// <param name="isRight">Null: the password was not looked at.</param>
    public void End(LoginKey key, bool? isRight)
    {
        var now = clock.GetUtcNow();
        lock (entries)
        {
            var entry = entries[key];
            entry = isRight switch
            {
                true => new Entry(0, entry.Pending - 1, now),
                false => new Entry(entry.Failures + 1, entry.Pending - 1, now),
                null => entry with { Pending = entry.Pending - 1 },
            };
            if (entry is { Failures: 0, Pending: 0 })
                entries.Remove(key);
            else
                entries[key] = entry;
        }
    }

    private static TimeSpan DelayAfter(int failures) =>
        failures - Free < 10 ? Min(MaxDelay, FirstDelay * (1 << (failures - Free))) : MaxDelay;

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>What is old; where nothing is, the oldest tenth. Each entry costs whoever makes it a password's hash, so nobody gets rid of his own fast.</summary>
    private void Forget(DateTimeOffset now)
    {
        foreach (var (key, entry) in entries)
        {
            if (entry.Pending == 0 && now - entry.Last >= ForgottenAfter)
                entries.Remove(key);
        }
        if (entries.Count < MaxEntries)
            return;
        foreach (
            var (key, _) in entries
                .Where(static pair => pair.Value.Pending == 0)
                .OrderBy(static pair => pair.Value.Last)
                .Take(MaxEntries / 10)
                .ToList()
        )
            entries.Remove(key);
    }

    /// <param name="Failures">Wrong passwords since the last right one.</param>
    /// <param name="Pending">Attempts that have begun and not ended.</param>
    /// <param name="Last">When the last one ended.</param>
    private readonly record struct Entry(int Failures, int Pending, DateTimeOffset Last);
}

/// <summary>An account as somebody names it, from an address. Names can be long and anything: what is kept of them is a hash.</summary>
internal readonly record struct LoginKey(IPAddress Network, UInt128 Account)
{
    public static LoginKey Of(IPAddress address, string account) =>
        new(
            NetworkOf(address),
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(account)))
        );

    /// <summary>Of IPv6 the /64: whoever has one address there has them all.</summary>
    private static IPAddress NetworkOf(IPAddress address)
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
