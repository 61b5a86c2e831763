using System.CommandLine;

namespace Builder.Cli.Record;

/// <summary><c>builder record -- COMMAND…</c>: what a script is built from, in one line of it.</summary>
internal static class RecordCommand
{
    public static Command Create()
    {
        var run = new Argument<string[]>("COMMAND")
        {
            Description = "The program to run afterwards, with its arguments. Default: none.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var inputs = Texts("--input", "PATH", "A file, or a directory whose files go into the build. May be repeated.");
        var checkouts = Texts("--git", "DIR", "A git checkout, recorded by its commit. May be repeated.");
        var variables = Texts("--env", "NAME", "A variable to record beyond those that compilers and packers read. May be repeated.");
        var downloads = new Option<Download[]>("--download")
        {
            Description =
                "Download this file into the current directory and record its SHA-256; with #sha256=HEX it must have that. May be repeated.",
            HelpName = "URL",
            DefaultValueFactory = static _ => [],
            CustomParser = static result =>
            {
                var list = new List<Download>();
                foreach (var token in result.Tokens)
                {
                    if (Download.TryParse(token.Value, out var download, out var reason))
                        list.Add(download);
                    else
                        result.AddError($"--download: {reason}");
                }
                return [.. list];
            },
        };
        var output = new Option<string>("--out") { Description = "Where to write. Default: the current directory.", HelpName = "DIR" };
        var command = new Command(
            "record",
            """
            Write down what a build is made from, then run it.

            Writes build-inputs (files, git checkouts and downloads), build-environment (system, processor, and variables that
            compilers read; never the whole environment) and system-packages (of dpkg, rpm, apk or pkg). Builds of a job with
            equal records can be compared, so the job gets verdicts. Give all that goes in.

            Example, in the script of a job:
              builder record --git src --download https://example.org/x.tar.gz -- make -C src

            Exit code: that of COMMAND; 1 if an input cannot be recorded, and COMMAND has not run.
            """
        )
        {
            run,
            inputs,
            checkouts,
            downloads,
            variables,
            output,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RecordRun.RunAsync(
                    new RecordOptions
                    {
                        Command = parsed.GetValue(run) ?? [],
                        Inputs = parsed.GetValue(inputs) ?? [],
                        Checkouts = parsed.GetValue(checkouts) ?? [],
                        Downloads = parsed.GetValue(downloads) ?? [],
                        Variables = parsed.GetValue(variables) ?? [],
                        Out = parsed.GetValue(output) ?? ".",
                    },
                    cancellationToken
                )
        );
        return command;
    }

    private static Option<string[]> Texts(string name, string helpName, string description) =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = static _ => [],
        };
}
