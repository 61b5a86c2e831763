using System.CommandLine;
using Builder.Analysis.Advisories;
using Builder.Cli.Errors;
using Builder.Cli.Find;
using Builder.Cli.Parsing;

namespace Builder.Cli.Advisories;

/// <summary><c>builder advisories check TARGET…</c>: which advisories apply to files, without any server, or to builds of a site.</summary>
internal static class AdvisoriesCheckCommand
{
    public static Command Create()
    {
        var targets = new Argument<string[]>("TARGET")
        {
            Description =
                "An opam-switch or system-packages file, a binary (with the opam-switch of its build beside it, or of Go or Rust with their own list), - for standard input; with --site the name of a job or the uuid of a build.",
            Arity = ArgumentArity.OneOrMore,
        };
        var advisories = new Option<string[]>("--advisories")
        {
            Description =
                "Where the advisories are: a directory or a zip file with *.md of the OCaml security team and *.json of OSV, or one such file. May be repeated.",
            HelpName = "DIR",
            DefaultValueFactory = static _ => [],
        };
        var site = SiteOption.Create();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "check",
            """
            Say which advisories apply to what a build contains.

            Examples:
              git clone https://github.com/ocaml/security-advisories
              builder advisories check --advisories security-advisories opam-switch
              builder advisories check --advisories security-advisories opam-switch bin/unikernel.hvt --json
              builder advisories check --site https://builds.example.org dns-primary-git

            A binary beside its opam-switch: the answer also says whether an affected OCaml module is linked into it.
            Exit code: 0 no advisory applies, 1 some apply, 2 something could not be read.
            """
        )
        {
            targets,
            advisories,
            site,
            json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(targets) is { } names && names.Count(static name => name == "-") > 1)
                result.AddError("- is given more than once; only one target can be standard input");
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                WithTroubleAsync(() =>
                    AdvisoryCheck.RunAsync(
                        parsed.GetRequiredValue(targets),
                        parsed.GetValue(advisories) ?? [],
                        SiteOption.Read(parsed, site),
                        parsed.GetValue(json),
                        cancellationToken
                    )
                )
        );
        return command;
    }

    /// <summary>Whatever fails is trouble here: 1 means that advisories apply.</summary>
    private static async Task<int> WithTroubleAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException(FileFault.Explain(exception), ExitCode.Trouble);
        }
        catch (Exception exception)
            when (exception is CommandException or AdvisoryException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CommandException(exception.Message, ExitCode.Trouble);
        }
    }
}
