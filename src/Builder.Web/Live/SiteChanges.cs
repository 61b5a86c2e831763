using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Builder.Web.Live;

/// <summary>
/// Tells browsers that pages may have changed: a build was stored, or something changed at the build server. A browser then fetches what it shows again,
/// which the site keeps; what follows costs a connection and a few hundred bytes.
/// </summary>
internal sealed class SiteChanges(TimeProvider clock)
{
    private const int MaxFollowers = 2500;

    /// <summary>Changes in a row are one.</summary>
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Proxies end connections on which nothing comes.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(25);

    private readonly Lock gate = new();
    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long version;
    private int followers;

    /// <summary>Somebody follows at present.</summary>
    public int Followers => Volatile.Read(ref followers);

    public void Raise()
    {
        TaskCompletionSource ended;
        lock (gate)
        {
            version++;
            ended = next;
            next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        ended.TrySetResult();
    }

    /// <summary>Null where as many follow as may.</summary>
    public IAsyncEnumerable<SseItem<string>>? TryFollow(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref followers) <= MaxFollowers)
            return FollowAsync(cancellationToken);
        Interlocked.Decrement(ref followers);
        return null;
    }

    /// <summary>Until the browser goes away, or the site stops.</summary>
    /// <param name="stopping">Browsers that follow do not keep the site from stopping.</param>
    private async IAsyncEnumerable<SseItem<string>> FollowAsync(
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        try
        {
            var kind = "hello";
            while (true)
            {
                long current;
                Task changed;
                lock (gate)
                    (current, changed) = (version, next.Task);
                yield return new SseItem<string>(current.ToString(CultureInfo.InvariantCulture), kind);
                try
                {
                    kind = await IsChangedAsync(changed, both.Token) ? "change" : "alive";
                    if (kind == "change")
                        await Task.Delay(MinPause, clock, both.Token);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref followers);
        }
    }

    private async Task<bool> IsChangedAsync(Task changed, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(KeepAlive, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
