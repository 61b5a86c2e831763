using System.CommandLine;
using Builder.Cli.Errors;

namespace Builder.Cli.Repo;

/// <summary><c>builder repo rollback BRANCH</c>.</summary>
internal static class RepoRollbackCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var branch = new Argument<string>("branch") { Description = "Distribution (debian-12) or ABI (FreeBSD:14:amd64)." };
        var to = new Option<int?>("--to")
        {
            Description = "Number of the state to go back to (builder repo list --snapshots); the one before where none is given.",
            HelpName = "NUMBER",
        };
        var command = new Command(
            "rollback",
            "Offer again what was published before. Clients get it with the next update; it is signed and dated anew."
        )
        {
            branch,
            to,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RepositoryOptions.GuardAsync(async () =>
                {
                    var set = options.Open(parsed);
                    var name = parsed.GetRequiredValue(branch);
                    var number = parsed.GetValue(to);
                    var snapshot = set switch
                    {
                        { FreeBsd: { } freeBsd } when set.Debian is null || freeBsd.Abis.Contains(name) => await freeBsd.RollbackAsync(
                            name,
                            number,
                            cancellationToken
                        ),
                        { Debian: { } debian } => await debian.RollbackAsync(name, number, cancellationToken),
                        _ => throw new CommandException(
                            $"No repository is set up in {set.Options.ConfigDirectory}: see builder repo init --help."
                        ),
                    };
                    await Console.Out.WriteLineAsync($"{name} is {snapshot.Note}, as snapshot {snapshot.Number}.");
                    return ExitCode.Success;
                })
        );
        return command;
    }
}
