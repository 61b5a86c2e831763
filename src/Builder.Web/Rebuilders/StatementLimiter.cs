using System.Net;

namespace Builder.Web.Rebuilders;

/// <summary>Statements that are refused cost an address more patience each minute; those of rebuilders do not.</summary>
internal sealed class StatementLimiter(TimeProvider clock)
{
    /// <summary>Refusals of one address within <see cref="Window"/>.</summary>
    public const int MaxRefused = 20;

    /// <summary>Addresses that are remembered at once; beyond that all new ones wait.</summary>
    private const int MaxAddresses = 4096;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock turn = new();
    private readonly Dictionary<IPAddress, int> refused = [];
    private DateTimeOffset since = clock.GetUtcNow();

    /// <returns>How long the address has to wait; null where it need not.</returns>
    public TimeSpan? WaitOf(IPAddress address)
    {
        lock (turn)
        {
            var now = clock.GetUtcNow();
            if (now - since >= Window)
            {
                refused.Clear();
                since = now;
            }
            var isFull = refused.Count >= MaxAddresses && !refused.ContainsKey(address);
            return isFull || refused.GetValueOrDefault(address) >= MaxRefused ? since + Window - now : null;
        }
    }

    public void Refused(IPAddress address)
    {
        lock (turn)
            refused[address] = refused.GetValueOrDefault(address) + 1;
    }
}
