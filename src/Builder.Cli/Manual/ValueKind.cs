namespace Builder.Cli.Manual;

/// <summary>What a shell can offer for a value.</summary>
internal enum ValueKind
{
    /// <summary>Nothing: only the user knows it.</summary>
    Other,

    /// <summary>Words of a list.</summary>
    Words,

    File,
    Directory,
}
