namespace Builder.Storage.Maintenance;

/// <summary>How a script or console stands to what the kept exec says.</summary>
internal enum TextComparison
{
    Same,

    /// <summary>It is the beginning: writing the rest loses nothing.</summary>
    CutOff,

    Different,
}
