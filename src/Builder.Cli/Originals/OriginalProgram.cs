namespace Builder.Cli.Originals;

/// <summary>A program of the original system, and what its commands take.</summary>
/// <param name="Name">What it is called: <c>builder-web</c>.</param>
/// <param name="Role">Our command that stands for it: <c>web</c>.</param>
/// <param name="Options">Those that every command of it takes.</param>
/// <param name="Commands">By name, with the name of a group in front: <c>vacuum older-than</c>. The program itself is the empty name.</param>
internal sealed record OriginalProgram(
    string Name,
    string Role,
    IReadOnlyList<OriginalOption> Options,
    IReadOnlyDictionary<string, IReadOnlyList<OriginalOption>> Commands
)
{
    /// <summary>Its exit codes are ours: they say what came out, and 123 would hide it.</summary>
    public bool KeepsExitCodes { get; init; }

    /// <summary>The names of the commands below a group, <c>help</c> among them; the empty group is the program.</summary>
    public IEnumerable<string> CommandsBelow(string group)
    {
        var prefix = group.Length == 0 ? "" : group + " ";
        var names = Commands.Keys.Where(name => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal));
        var below = names.Select(name => name[prefix.Length..].Split(' ')[0]).Distinct();
        return group.Length == 0 && Commands.Count > 1 ? below.Append(OriginalPrograms.Help) : below;
    }

    public IEnumerable<OriginalOption> OptionsOf(string command) =>
        Commands.TryGetValue(command, out var own) ? own.Concat(Options) : Options;
}
