namespace Builder.Storage.Index;

/// <summary>Which artifact says what a build contains. The numbers stand in the database.</summary>
public enum ContentKind
{
    Switch = 0,
    SystemPackages = 1,
    BuildInputs = 2,

    /// <summary>The main binary, or the file NAME.debug with its symbols.</summary>
    MainBinary = 3,
}
