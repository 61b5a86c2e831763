namespace Builder.Server.Scheduling;

/// <summary>
/// Where an entry stands in its queue, smallest first; it never changes while the entry waits. What was asked for at once stands
/// in front, the last one first. All else is ordered by <see cref="Tag"/>, the start tag of start-time fair queueing: who has had
/// little gets early tags.
/// </summary>
/// <param name="Sequence">Unique within the queue; orders equal tags by arrival.</param>
internal readonly record struct QueuePosition(bool Front, long Tag, int Priority, long Sequence) : IComparable<QueuePosition>
{
    public int CompareTo(QueuePosition other)
    {
        if (Front != other.Front)
            return Front ? -1 : 1;
        if (Front)
            return other.Sequence.CompareTo(Sequence);
        var byTag = Tag.CompareTo(other.Tag);
        if (byTag != 0)
            return byTag;
        var byPriority = other.Priority.CompareTo(Priority);
        return byPriority != 0 ? byPriority : Sequence.CompareTo(other.Sequence);
    }
}
