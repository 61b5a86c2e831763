using System.CommandLine;
using Builder.Analysis.Advisories;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Files;
using Builder.Storage.Index;

namespace Builder.Cli.Advisories;

/// <summary><c>builder advisories import PATH</c>: a site shows which of its builds they apply to.</summary>
internal static class AdvisoriesImportCommand
{
    public static Command Create(DataOptions data)
    {
        var path = new Argument<string>("PATH")
        {
            Description = "A directory or a zip file with *.md of the OCaml security team and *.json of OSV, or one such file.",
        };
        var command = new Command(
            "import",
            """
            Give a site advisories. They replace those with the same ids; withdrawn ones go.

            Example:
              git clone https://github.com/ocaml/security-advisories
              builder advisories import security-advisories --datadir /var/lib/builder-web
            """
        )
        {
            path,
            data.Directory,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var directory = parsed.GetRequiredValue(data.Directory);
                if (!Directory.Exists(directory))
                    throw new CommandException($"{directory} is not a data directory: it does not exist");
                var problems = new List<string>();
                AdvisoryCollection advisories;
                try
                {
                    advisories = AdvisoryFiles.Read(parsed.GetRequiredValue(path), problems.Add, keepsSources: true);
                }
                catch (AdvisoryException exception)
                {
                    throw new CommandException(exception.Message);
                }
                var (changed, withdrawn) = await AdvisoryStore.ImportAsync(new DataDirectory(directory), advisories, cancellationToken);
                foreach (var problem in problems)
                    await Console.Error.WriteLineAsync($"builder: {problem}");
                await Console.Out.WriteLineAsync($"{advisories.Count} advisories read, {changed} new or changed, {withdrawn} withdrawn");
                return problems.Count > 0 || advisories.Count == 0 ? ExitCode.Failed : ExitCode.Success;
            }
        );
        return command;
    }
}
