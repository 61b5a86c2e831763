namespace Builder.Web.Monitoring;

/// <summary>Work that another process was doing when this one came to it: looked at again later, as that process may die. Not for several threads.</summary>
internal sealed class HeldElsewhere<T>(TimeSpan pause)
{
    /// <summary>Beyond that it is left to the other process; if that one dies, the next start finds it.</summary>
    private const int MaxHeld = 4096;

    private readonly Queue<(long Since, T Item)> items = [];

    public int Count => items.Count;

    /// <summary>How long until <see cref="TryTake"/> has something; null where there is nothing.</summary>
    public TimeSpan? Wait =>
        !items.TryPeek(out var first) ? null
        : TimeProvider.System.GetElapsedTime(first.Since) is var elapsed && elapsed < pause ? pause - elapsed
        : TimeSpan.Zero;

    public bool Add(T item)
    {
        if (items.Count >= MaxHeld)
            return false;
        items.Enqueue((TimeProvider.System.GetTimestamp(), item));
        return true;
    }

    public bool TryTake([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T item)
    {
        item = default;
        if (Wait != TimeSpan.Zero)
            return false;
        item = items.Dequeue().Item;
        return true;
    }
}
