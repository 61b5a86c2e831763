using System.CommandLine;
using Builder.Cli.Data;

namespace Builder.Cli.Advisories;

/// <summary><c>builder advisories</c>: which builds contain a package with a published fault.</summary>
internal static class AdvisoriesCommand
{
    public static Command Create()
    {
        var data = new DataOptions();
        return new Command("advisories", "Check builds against published security advisories.")
        {
            AdvisoriesCheckCommand.Create(),
            AdvisoriesDismissCommand.Create(data),
            AdvisoriesImportCommand.Create(data),
            AdvisoriesListCommand.Create(),
            AdvisoriesRebuildCommand.Create(),
        };
    }
}
