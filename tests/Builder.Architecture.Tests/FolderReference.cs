namespace Builder.Architecture.Tests;

/// <summary>A file of one folder uses something that another folder of the project declares.</summary>
internal sealed record FolderReference(string From, string To, string File, string Name)
{
    public override string ToString() => $"{From}/{File} uses {Name} of {To}";
}
