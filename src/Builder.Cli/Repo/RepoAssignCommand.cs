using System.CommandLine;
using System.Text.RegularExpressions;
using Builder.Cli.Errors;
using Builder.Protocol.Values;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Repo;

/// <summary><c>builder repo assign NAME JOB</c>.</summary>
internal static partial class RepoAssignCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var name = new Argument<string>("name") { Description = "Name of a package." };
        var job = new Argument<string?>("job")
        {
            Description = "The job that may publish it from now on.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var nobody = new Option<bool>("--nobody") { Description = "Take the name from its job: the next job that publishes it gets it." };
        var branch = new Option<string?>("--branch")
        {
            Description = "Only in this distribution or ABI; all where none is given.",
            HelpName = "BRANCH",
        };
        var command = new Command("assign", "Give a package name to a job. What is published stays until that job publishes the package.")
        {
            name,
            job,
            nobody,
            branch,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(name) is { } given && !PackageName().IsMatch(given))
                result.AddError($"\"{given}\" is not the name of a package.");
            if (result.GetValue(job) is { } text && !JobName.TryParse(text, out _, out var reason))
                result.AddError(reason);
            if (result.GetValue(job) is null != result.GetValue(nobody))
                result.AddError("Give a job, or --nobody.");
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                RepositoryOptions.GuardAsync(async () =>
                {
                    var set = options.Open(parsed);
                    var (package, owner, only) = (parsed.GetRequiredValue(name), parsed.GetValue(job), parsed.GetValue(branch));
                    var isAbi = only?.Contains(':', StringComparison.Ordinal);
                    if ((set.Debian is null || isAbi == true) && (set.FreeBsd is null || isAbi == false))
                        throw new CommandException(
                            $"No repository for that is set up in {set.Options.ConfigDirectory}: see builder repo init --help."
                        );
                    if (set.Debian is { } debian && isAbi != true)
                        await debian.AssignAsync(package, only, owner, cancellationToken);
                    if (set.FreeBsd is { } freeBsd && isAbi != false)
                        await freeBsd.AssignAsync(package, only, owner, cancellationToken);
                    await Console.Out.WriteLineAsync($"{package} belongs to {owner ?? "nobody"}{(only is null ? "" : $" in {only}")}.");
                    return ExitCode.Success;
                })
        );
        return command;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9+._-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PackageName();
}
