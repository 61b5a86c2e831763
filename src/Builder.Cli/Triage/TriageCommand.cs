using System.CommandLine;
using Builder.Analysis.Logs;
using Builder.Cli.Errors;
using Builder.Cli.Find;
using Builder.Cli.Parsing;
using Builder.Cli.Text;

namespace Builder.Cli.Triage;

/// <summary><c>builder triage FILE|UUID</c>: the line of a log that started the failure.</summary>
internal static class TriageCommand
{
    public static Command Create()
    {
        var log = new Argument<string>("FILE|UUID")
        {
            Description = "A log, - for standard input, or the uuid of a build whose console the site has.",
        };
        var site = SiteOption.Create();
        var json = new Option<bool>("--json") { Description = "Print JSON: line, text, tool, context, fingerprint." };
        var command = new Command(
            "triage",
            """
            Find the line of a log that started the failure.

            Knows gcc, clang, ld, OCaml, dune, opam, make, CMake, ninja, meson, dpkg, apt, Python, Rust, cargo, Go, shell scripts
            (also with "set -x") and lines that begin with "error:". Warnings, echoed commands and errors that the run survived
            do not count. Errors that differ only in paths, numbers, times and addresses have the same fingerprint.

            Examples:
              builder triage build.log
              make 2>&1 | builder triage - --json
              builder triage 400de0f8-a250-4b60-90ac-3428a3ca3ec2 --site https://builds.example.org

            Exit code: 0 found, 1 nothing looks like an error, 2 trouble.
            """
        )
        {
            log,
            site,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var name = parsed.GetRequiredValue(log);
                var found =
                    name != "-" && Guid.TryParseExact(name, "D", out _) && !File.Exists(name)
                        ? await OfSiteAsync(name, SiteOption.Read(parsed, site), cancellationToken)
                        : await OfFileAsync(name, cancellationToken);
                return await PrintAsync(found, name, parsed.GetValue(json), cancellationToken);
            }
        );
        return command;
    }

    private static async Task<FirstError?> OfFileAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = name == "-" ? Console.OpenStandardInput() : File.OpenRead(name);
            return await FirstErrorFinder.FindAsync(stream, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"{FileFault.Explain(exception)}; give a log file, -, or the uuid of a build", ExitCode.Trouble);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                Directory.Exists(name) ? $"\"{name}\" is a directory, not a log" : $"cannot read \"{name}\": {exception.Message}",
                ExitCode.Trouble
            );
        }
    }

    private static async Task<FirstError?> OfSiteAsync(string uuid, Uri? site, CancellationToken cancellationToken)
    {
        if (site is null)
            throw new CommandException($"no site for build {uuid}: give --site URL, or set {SiteOption.Variable}", ExitCode.Trouble);
        using var answer = await SiteQuestion.AskAsync(site, $"/triage/{uuid}", cancellationToken);
        if (answer is null)
            throw new CommandException($"{site} has no build {uuid}, or no longer has its console", ExitCode.Trouble);
        return FirstErrorJson.Read(answer.RootElement);
    }

    private static async Task<int> PrintAsync(FirstError? found, string name, bool asJson, CancellationToken cancellationToken)
    {
        if (found is null)
        {
            await Console.Error.WriteLineAsync(
                $"builder: nothing in {(name == "-" ? "standard input" : Printable.Of(name))} looks like an error"
            );
            return ExitCode.Failed;
        }
        await using var output = StandardOutput.Open();
        await output.WriteAsync(asJson ? FirstErrorJson.Write(found) : TriageText.Of(found), cancellationToken);
        return ExitCode.Success;
    }
}
