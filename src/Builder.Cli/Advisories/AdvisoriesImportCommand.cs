using System.CommandLine;
using Builder.Analysis.Advisories;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Publishing.Advisories;
using Builder.Publishing.Outgoing;
using Builder.Storage.Files;
using Builder.Storage.Index;

namespace Builder.Cli.Advisories;

/// <summary><c>builder advisories import PATH</c>: a site shows which of its builds they apply to.</summary>
internal static class AdvisoriesImportCommand
{
    public static Command Create(DataOptions data)
    {
        var path = new Argument<string>("PATH|URL")
        {
            Description =
                "A directory or a zip archive with *.md of the OCaml security team and *.json of OSV, or one such file; or the https address of one.",
        };
        var allowed = AllowPrivateOption.Create("--allow-private");
        var command = new Command(
            "import",
            """
            Give a site advisories. They replace those with the same ids; withdrawn ones go.

            Example:
              git clone https://github.com/ocaml/security-advisories
              builder advisories import security-advisories --datadir /var/lib/builder-web
              builder advisories import https://osv-vulnerabilities.storage.googleapis.com/opam/all.zip

            A site imports by itself every 6 h: builder web --advisories URL.
            """
        )
        {
            path,
            allowed,
            data.Directory,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var directory = parsed.GetRequiredValue(data.Directory);
                if (!Directory.Exists(directory))
                    throw new CommandException($"{directory} is not a data directory: it does not exist");
                if (AdvisoryAddress.IsOne(parsed.GetRequiredValue(path)))
                    return await ImportAsync(
                        new DataDirectory(directory),
                        AdvisoryAddress.Parse(parsed.GetRequiredValue(path))
                            ?? throw new CommandException($"\"{parsed.GetRequiredValue(path)}\" is not an address"),
                        parsed.GetRequiredValue(allowed),
                        cancellationToken
                    );
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

    private static async Task<int> ImportAsync(
        DataDirectory directory,
        Uri address,
        AllowedNetworks allowed,
        CancellationToken cancellationToken
    )
    {
        using var download = new OutgoingDownload(new GuardedConnector(allowed), TimeProvider.System);
        AdvisoryImport? import;
        try
        {
            import = await new AdvisoryDownload(directory, download).ImportAsync(
                address,
                static problem => Console.Error.WriteLine($"builder: {problem}"),
                cancellationToken
            );
        }
        catch (Exception exception) when (exception is AdvisoryException or IOException)
        {
            throw new CommandException(exception.Message);
        }
        await Console.Out.WriteLineAsync(
            import is null
                ? "Nothing has changed since the last import."
                : $"{import.Read} advisories read, {import.Changed} new or changed, {import.Withdrawn} withdrawn"
        );
        return import is { Problems: > 0 } ? ExitCode.Failed : ExitCode.Success;
    }
}
