using System.CommandLine;

namespace Builder.Cli.Advisories;

/// <summary><c>builder advisories</c>: which builds contain a package with a published fault.</summary>
internal static class AdvisoriesCommand
{
    public static Command Create() =>
        new("advisories", "Check builds against published security advisories.") { AdvisoriesCheckCommand.Create() };
}
