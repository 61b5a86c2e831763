using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>What stands at one place of a file of the journal: an event, a mark, or damage.</summary>
/// <param name="End">Where the next record begins; as far as is known, where this one is damaged.</param>
/// <param name="BatchStart">Where the batch begins that it belongs to; <paramref name="Offset"/> in files of the first version.</param>
internal readonly record struct JournalEntry(long Offset, long End, long BatchStart)
{
    public SchedulerEvent? Change { get; init; }

    /// <summary>Set instead of <see cref="Change"/>.</summary>
    public EventKind? Mark { get; init; }

    public long MarkValue { get; init; }

    /// <summary>Why it cannot be read, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>The length is known and all bytes are there, with another checksum.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The bytes are as they were written, but not understood: a later version wrote them.</summary>
    public bool IsForeign { get; init; }
}
