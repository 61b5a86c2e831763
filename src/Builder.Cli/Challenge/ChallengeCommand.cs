using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;

namespace Builder.Cli.Challenge;

/// <summary><c>builder challenge JOB|FILE --site A --site B</c>: who has the same bytes for the same inputs.</summary>
internal static class ChallengeCommand
{
    private const int MaxSites = 20;

    public static Command Create()
    {
        var target = new Argument<string>("TARGET")
        {
            Description = "A job, or a file that one of the sites built (or its SHA-256).",
            HelpName = "JOB|FILE",
        };
        var sites = new Option<string[]>("--site")
        {
            Description = "A site to ask, such as https://builds.example.org. At least two.",
            HelpName = "URL",
            DefaultValueFactory = static _ => [],
        };
        var json = new Option<bool>("--json") { Description = "The answer in JSON." };
        var command = new Command(
            "challenge",
            """
            Ask several sites what they got from the same inputs.

            Compares the newest builds of a job by their recorded inputs: builds from the same inputs on the same platform
            should have the same bytes. With a file, only the inputs count from which one of the sites built it.

            Example:
              builder challenge hello --site https://builds.example.org --site https://other.example.org

            Exit code: 0 all agree, 1 some do not, 2 there is nothing to compare or a site does not answer.
            """
        )
        {
            target,
            sites,
            json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                TroubleExit.RunAsync(async () =>
                {
                    var run = new ChallengeRun(Read(parsed.GetValue(sites) ?? []));
                    var found = await run.CompareAsync(parsed.GetRequiredValue(target), cancellationToken);
                    if (parsed.GetValue(json))
                        await ChallengeOutput.WriteJsonAsync(found, cancellationToken);
                    else
                        ChallengeOutput.WriteText(found, Console.Out);
                    return found.Any(static one => one.Agrees == false) ? ExitCode.Different
                        : found.Any(static one => one.Agrees == true) ? ExitCode.Success
                        : ExitCode.Trouble;
                })
        );
        return command;
    }

    private static IReadOnlyList<Uri> Read(string[] sites)
    {
        if (sites.Length is < 2 or > MaxSites)
            throw new CommandException(
                $"builder challenge compares 2 to {MaxSites} sites, not {sites.Length}: give --site for each",
                ExitCode.Usage
            );
        return
        [
            .. sites.Select(static text =>
                Uri.TryCreate(text, UriKind.Absolute, out var site) && (site.Scheme is "http" or "https")
                    ? site
                    : throw new CommandException($"--site: \"{text}\" is not an address such as https://builds.example.org", ExitCode.Usage)
            ),
        ];
    }
}
