namespace Builder.Cli.Originals;

/// <summary>An option of an original program.</summary>
/// <param name="Names">Such as <c>-p</c> and <c>--port</c>; the last is the one that messages use.</param>
/// <param name="Target">Our option that does the same, by name.</param>
/// <param name="Values">The words that it takes, where it takes no others; they may be shortened like options.</param>
internal sealed record OriginalOption(IReadOnlyList<string> Names, string Target, IReadOnlyList<string> Values)
{
    public string Name => Names[^1];
}
