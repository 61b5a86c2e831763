namespace Builder.Cli.Inspect;

/// <summary>What to show of a file, or to make of it.</summary>
internal sealed record Wanted(bool Json, string? Reencode, bool Job, bool Script, bool Console, string? Output)
{
    public bool IsNothing => this == new Wanted(false, null, false, false, false, null);
}
