using System.CommandLine;
using System.CommandLine.Parsing;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Protocol.Values;
using Builder.Storage.Maintenance;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Db;

/// <summary><c>builder db vacuum older-than DATE | except-latest N | except-latest-successful N</c>.</summary>
internal static class VacuumCommand
{
    public static Command Create(DataOptions data, bool asOriginal)
    {
        var jobs = new Option<JobName[]>("--job")
        {
            Description = "Only this job; may be given several times.",
            HelpName = "JOB",
            Recursive = true,
            CustomParser = static result =>
                [.. result.Tokens.Select(token => ArgumentValues.JobName(result, token.Value)).OfType<JobName>()],
        };
        var platform = new Option<Platform?>("--platform")
        {
            Description = "Only this platform.",
            HelpName = "PLATFORM",
            Recursive = true,
            CustomParser = static result => ArgumentValues.Platform(result, result.Tokens[0].Value),
        };
        var dryRun = RemovalReport.DryRunOption();
        dryRun.Recursive = true;
        var configuration = StillPublished.ConfigurationOption();
        var command = new Command(
            "vacuum",
            "Remove builds, and the artifacts that no other build has. What they were is remembered: links to them say so. Published packages stay (builder repo remove)."
        )
        {
            jobs,
            platform,
            dryRun,
            configuration,
        };

        var date = new Argument<Timestamp>("DATE")
        {
            Description = "A day or moment in UTC: 2026-11-22, or 2026-11-22T06:00:00Z.",
            CustomParser = ReadMoment,
        };
        command.Add(
            Sub(
                "older-than",
                "Remove builds that started before DATE.",
                date,
                parsed => new RemovalSelection.OlderThan(parsed.GetRequiredValue(date))
            )
        );
        var of = asOriginal ? "job" : "job and platform";
        var latest = Count();
        command.Add(
            Sub(
                "except-latest",
                $"Keep the newest N builds of each {of}.",
                latest,
                parsed => new RemovalSelection.ExceptLatest(parsed.GetRequiredValue(latest))
            )
        );
        var successful = Count();
        command.Add(
            Sub(
                "except-latest-successful",
                $"Keep the newest N{(asOriginal ? " + 1" : "")} successful builds of each {of}, and what is newer than them.",
                successful,
                parsed => new RemovalSelection.ExceptLatestSuccessful(parsed.GetRequiredValue(successful))
            )
        );
        return command;

        Command Sub(string name, string description, Argument argument, Func<ParseResult, RemovalSelection> select)
        {
            var sub = new Command(name, description) { argument };
            sub.SetAction(
                async (parsed, cancellationToken) =>
                {
                    var selection = select(parsed) with
                    {
                        Jobs = parsed.GetValue(jobs) ?? [],
                        Platform = parsed.GetValue(platform),
                        CountsAsOriginal = asOriginal,
                    };
                    await RunAsync(data, configuration, parsed, selection, parsed.GetValue(dryRun), cancellationToken);
                    return ExitCode.Success;
                }
            );
            return sub;
        }
    }

    private static async Task RunAsync(
        DataOptions data,
        Option<string> configuration,
        ParseResult parsed,
        RemovalSelection selection,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
        var removal = new BuildRemoval(storage, TimeProvider.System);
        foreach (var job in selection.Jobs)
            await RemovalReport.RequireJobAsync(removal, job, cancellationToken);
        var builds = await removal.SelectAsync(selection, cancellationToken);
        await RemovalReport.PrintAsync(removal, builds, isDryRun, cancellationToken);
        if (!isDryRun)
            await removal.RemoveAsync(builds, null, cancellationToken);
        await StillPublished.PrintAsync(data, configuration, parsed, [.. builds.Select(build => build.Uuid.ToString())], cancellationToken);
    }

    private static Argument<int> Count() => new Argument<int>("N") { Description = "How many; at least 1." }.Between(1, int.MaxValue);

    private static Timestamp ReadMoment(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Rfc3339.TryParse(text, out var moment))
            return moment;
        result.AddError($"\"{text}\" is no date: write 2026-11-22 or 2026-11-22T06:00:00Z.");
        return default;
    }
}
