using System.Diagnostics.CodeAnalysis;

namespace Builder.Protocol.Values;

/// <summary>
/// One server, or several on one state of which one serves: addresses with commas between. They are tried in turn, beginning with the one that answered last.
/// </summary>
public sealed class RemoteAddresses
{
    private int preferred;

    public RemoteAddresses(params IReadOnlyList<RemoteAddress> all)
    {
        ArgumentOutOfRangeException.ThrowIfZero(all.Count);
        All = all;
    }

    public static implicit operator RemoteAddresses(RemoteAddress only) => new(only);

    public IReadOnlyList<RemoteAddress> All { get; }

    /// <summary>How long one of several may take to connect and say hello. 3 seconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(3);

    public static bool TryParse(string text, [NotNullWhen(true)] out RemoteAddresses? addresses, [NotNullWhen(false)] out string? reason)
    {
        addresses = null;
        var all = new List<RemoteAddress>();
        foreach (var one in text.Split(','))
        {
            if (!RemoteAddress.TryParse(one, out var address, out reason))
                return false;
            all.Add(address);
        }
        addresses = new RemoteAddresses(all);
        reason = null;
        return true;
    }

    /// <summary>Connects to the first that answers. A single address is tried once, without a limit of its own.</summary>
    /// <param name="isAway">True for an exception after which another server may answer.</param>
    /// <param name="failure">What is thrown for one of several that does not answer in time.</param>
    /// <exception cref="Exception">What <paramref name="connectAsync"/> threw for the last that was tried.</exception>
    public async Task<T> ConnectAsync<T>(
        Func<RemoteAddress, CancellationToken, Task<T>> connectAsync,
        Func<Exception, bool> isAway,
        Func<RemoteAddress, Exception> failure,
        CancellationToken cancellationToken
    )
    {
        if (All.Count == 1)
            return await connectAsync(All[0], cancellationToken);
        var first = Volatile.Read(ref preferred);
        for (var turn = 0; ; turn++)
        {
            var place = (first + turn) % All.Count;
            try
            {
                var connection = await ConnectAsync(All[place], connectAsync, failure, cancellationToken);
                Volatile.Write(ref preferred, place);
                return connection;
            }
            catch (Exception exception) when (turn < All.Count - 1 && isAway(exception))
            {
                // The next one may serve.
            }
        }
    }

    private async Task<T> ConnectAsync<T>(
        RemoteAddress address,
        Func<RemoteAddress, CancellationToken, Task<T>> connectAsync,
        Func<RemoteAddress, Exception> failure,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return await connectAsync(address, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw failure(address);
        }
    }

    public override string ToString() => string.Join(',', All);
}
