using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Publishing.Packages;

namespace Builder.Cli.Repo;

/// <summary><c>builder repo owners [BRANCH]</c>.</summary>
internal static class RepoOwnersCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var branch = new Argument<string?>("branch")
        {
            Description = "Only names that hold in this distribution (debian-12) or ABI (FreeBSD:14:amd64).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "owners",
            "Show which job owns which package name: repository, name, branch (* for all), job, how it got the name."
        )
        {
            branch,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RepositoryOptions.GuardAsync(async () =>
                {
                    var set = options.Open(parsed);
                    if (set.Debian is null && set.FreeBsd is null)
                        throw new CommandException(
                            $"No repository is set up in {set.Options.ConfigDirectory}: see builder repo init --help."
                        );
                    var only = parsed.GetValue(branch);
                    if (only is not null && !(set.Debian?.Distributions ?? []).Contains(only) && !(set.FreeBsd?.Abis ?? []).Contains(only))
                        throw new CommandException(
                            $"There is no branch \"{only}\"; there are: {string.Join(", ", [.. set.Debian?.Distributions ?? [], .. set.FreeBsd?.Abis ?? []])}."
                        );
                    if (set.Debian is { } debian && (only is null || debian.Distributions.Contains(only)))
                        await PrintAsync("apt", await debian.OwnersAsync(cancellationToken), only);
                    if (set.FreeBsd is { } freeBsd && (only is null || freeBsd.Abis.Contains(only)))
                        await PrintAsync("pkg", await freeBsd.OwnersAsync(cancellationToken), only);
                    return ExitCode.Success;
                })
        );
        return command;
    }

    private static async Task PrintAsync(string repository, IReadOnlyList<NameOwner> owners, string? branch)
    {
        foreach (
            var owner in owners
                .Where(owner => branch is null || owner.Branch == NameOwner.EveryBranch || owner.Branch == branch)
                .OrderBy(owner => owner.Name, StringComparer.Ordinal)
                .ThenBy(owner => owner.Branch, StringComparer.Ordinal)
        )
        {
            var how = owner.Origin switch
            {
                NameOrigin.Assigned => "assigned",
                NameOrigin.Configured => "configured",
                _ => "published first",
            };
            await Console.Out.WriteLineAsync($"{repository}\t{owner.Name}\t{owner.Branch}\t{owner.Job}\t{how}");
        }
    }
}
