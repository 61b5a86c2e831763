using System.CommandLine;
using Builder.Analysis.Opam;
using Builder.Cli.Errors;

namespace Builder.Cli.Opam;

/// <summary><c>--root NAME</c> of the commands that read switch exports.</summary>
internal static class SwitchRoot
{
    public static Option<string?> Option(string description) => new("--root") { Description = description, HelpName = "NAME" };

    /// <exception cref="CommandException">The switch has no such root.</exception>
    public static SwitchExport Restrict(SwitchExport export, string? root, string path)
    {
        if (root is null)
            return export;
        return export.TryRestrict(root, out var restricted, out var problem)
            ? restricted
            : throw new CommandException($"{path}: {problem}");
    }
}
