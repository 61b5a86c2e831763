namespace Builder.Storage.Repacking;

internal enum PackedForm
{
    /// <summary>Compressing saves nothing.</summary>
    AsItIs,

    /// <summary>One zstd frame.</summary>
    Alone,

    /// <summary>A patch of an earlier content.</summary>
    Delta,
}
