using System.CommandLine;
using System.Globalization;
using Builder.Analysis.Advisories;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Protocol.Values;
using Builder.Storage.Files;
using Builder.Storage.Index;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Advisories;

/// <summary><c>builder advisories dismiss ID --job J --because TEXT</c>: the operator says that a job is not affected.</summary>
internal static class AdvisoriesDismissCommand
{
    private const int MaxReason = 1000;

    public static Command Create(DataOptions data)
    {
        var id = new Argument<string>("ID") { Description = "The advisory, such as OSEC-2026-01." };
        var job = new Option<JobName>("--job")
        {
            Description = "The job that is not affected.",
            HelpName = "JOB",
            Required = true,
            CustomParser = static result => ArgumentValues.JobName(result, result.Tokens[0].Value) ?? default!,
        };
        var because = new Option<string>("--because")
        {
            Description = "Why not. It is shown beside the advisory.",
            HelpName = "TEXT",
            Required = true,
        };
        var command = new Command(
            "dismiss",
            """
            Say that a job is not affected by an advisory, and why. It is shown, and no longer counted.

            Example:
              builder advisories dismiss OSEC-2026-05 --job dns-primary-git --because "runs on Windows only"
            """
        )
        {
            id,
            job,
            because,
            data.Directory,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var directory = parsed.GetRequiredValue(data.Directory);
                var advisory = parsed.GetRequiredValue(id);
                var reason = parsed.GetRequiredValue(because).Trim();
                if (!AdvisoryId.IsValid(advisory))
                    throw new CommandException($"\"{advisory}\" is not the id of an advisory");
                if (reason.Length is 0 or > MaxReason)
                    throw new CommandException($"--because: a reason of 1 to {MaxReason} characters is needed");
                if (!Directory.Exists(directory))
                    throw new CommandException($"{directory} is not a data directory: it does not exist");
                await AdvisoryStore.DismissAsync(
                    new DataDirectory(directory),
                    new Dismissal(
                        advisory,
                        parsed.GetRequiredValue(job).Value,
                        reason,
                        TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
                    ),
                    cancellationToken
                );
                return ExitCode.Success;
            }
        );
        return command;
    }
}
