namespace Builder.Storage.Repacking;

/// <summary>What packing did, or would do.</summary>
/// <param name="Total">Contents that were not looked at yet when it began.</param>
public sealed record PackReport(long Total)
{
    /// <summary>Contents that are patches of an earlier one now.</summary>
    public long Deltas { get; init; }

    /// <summary>Contents that are compressed alone now.</summary>
    public long Alone { get; init; }

    /// <summary>Contents that stay as they are: compressing saves nothing.</summary>
    public long AsTheyAre { get; init; }

    /// <summary>Contents that could not be read: "builder db verify-data-dir" says more.</summary>
    public long Unreadable { get; init; }

    /// <summary>Bytes of all of these before.</summary>
    public long Before { get; init; }

    /// <summary>Bytes of all of these after.</summary>
    public long After { get; init; }

    public long Done => Deltas + Alone + AsTheyAre + Unreadable;

    internal PackReport Add(PackedForm form, long before, long after) =>
        this with
        {
            Deltas = Deltas + (form == PackedForm.Delta ? 1 : 0),
            Alone = Alone + (form == PackedForm.Alone ? 1 : 0),
            AsTheyAre = AsTheyAre + (form == PackedForm.AsItIs ? 1 : 0),
            Before = Before + before,
            After = After + after,
        };
}
