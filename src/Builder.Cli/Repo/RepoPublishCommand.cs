using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Protocol.Values;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Repositories;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Repo;

/// <summary><c>builder repo publish [UUID…] [--to DIR]</c>.</summary>
internal static class RepoPublishCommand
{
    public static Command Create(RepositoryOptions options)
    {
        var builds = new Argument<string[]>("uuid")
        {
            Description = "Builds whose packages to publish now, whatever became of them before.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var to = new Option<string?>("--to")
        {
            Description = "Copy what is published to this directory, for any web server: apt/ and pkg/. Run again, it copies what is new.",
            HelpName = "DIR",
        };
        var command = new Command("publish", "Publish builds by hand, or copy the repositories to a directory.") { builds, to };
        command.Validators.Add(result =>
        {
            if (result.GetValue(builds) is null or [] && result.GetValue(to) is null)
                result.AddError("Give the uuid of a build, or --to DIR.");
            foreach (var text in result.GetValue(builds) ?? [])
            {
                if (!BuildUuid.TryParse(text, out _))
                    result.AddError($"\"{text}\" is not a uuid such as b92c500e-03fc-44d9-95de-50e5e6f91479.");
            }
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var exitCode = ExitCode.Success;
                if (parsed.GetValue(builds) is { Length: > 0 } given)
                    exitCode = await PublishAsync(options, parsed, [.. given.Select(BuildUuid.Parse)], cancellationToken);
                if (parsed.GetValue(to) is { } target)
                    await CopyAsync(options.Open(parsed), Path.GetFullPath(target), cancellationToken);
                return exitCode;
            }
        );
        return command;
    }

    private static Task<int> PublishAsync(
        RepositoryOptions options,
        ParseResult parsed,
        BuildUuid[] builds,
        CancellationToken cancellationToken
    ) =>
        options.WithQueueAsync(
            parsed,
            async queue =>
            {
                var outcomes = await queue.PublishAsync(builds, cancellationToken);
                foreach (var (uuid, outcome) in builds.Zip(outcomes))
                    await Console.Out.WriteLineAsync($"{uuid}: {outcome.Message}");
                return outcomes.Any(outcome => outcome.State is PublishState.Refused or PublishState.Held or PublishState.Withdrawn)
                    ? ExitCode.Failed
                    : ExitCode.Success;
            },
            cancellationToken
        );

    private static async Task CopyAsync(RepositorySet set, string target, CancellationToken cancellationToken)
    {
        if (set.DebianSettings is null && set.FreeBsdSettings is null)
            throw new CommandException($"No repository is set up in {set.Options.ConfigDirectory}: see builder repo init --help.");
        if (set.DebianSettings is { } debian)
            await RepositoryOptions.GuardAsync(() => CopyAsync(debian, Path.Combine(target, "apt"), cancellationToken));
        if (set.FreeBsdSettings is { } freeBsd)
            await RepositoryOptions.GuardAsync(() => CopyAsync(freeBsd, Path.Combine(target, "pkg"), cancellationToken));
    }

    private static async Task<bool> CopyAsync(RepositorySettings settings, string target, CancellationToken cancellationToken)
    {
        var files = await RepositoryCopy.RunAsync(settings, target, TimeProvider.System, cancellationToken);
        await Console.Out.WriteLineAsync($"{target}: {files} new files");
        return true;
    }
}
