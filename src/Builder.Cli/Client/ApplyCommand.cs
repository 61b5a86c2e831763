using System.CommandLine;
using System.Text.Json;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;
using Builder.Protocol.Text;

namespace Builder.Cli.Client;

/// <summary><c>apply FILE.yaml</c>: the schedule as code; changes only what differs.</summary>
internal static class ApplyCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The schedule in YAML; scripts are named by paths relative to it." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would change." };
        var prune = new Option<bool>("--prune") { Description = "Also unschedule the jobs that the file does not have." };
        var command = new Command("apply", "Make the schedule what a file says.") { file, dryRun, prune };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var path = parsed.GetRequiredValue(file).FullName;
                var jobs = ScheduleFile.Read(path);
                var request = ScheduleFile.ToRequest(jobs, parsed.GetValue(dryRun), parsed.GetValue(prune));
                using var answer = await AskAsync(ClientOptions.LinkOf(parsed), path, jobs, request, cancellationToken);
                Print(answer.RootElement, parsed.GetValue(dryRun));
                return ExitCode.Success;
            }
        );
        return command;
    }

    /// <summary>What only the server knows to be wrong with a job (its platform is dropped) is said with the job's place too.</summary>
    private static async Task<JsonDocument> AskAsync(
        ServerLink link,
        string path,
        IReadOnlyList<PlannedJob> jobs,
        byte[] request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await ExtendedRequest.AskAsync(link, "apply", request, cancellationToken);
        }
        catch (CommandException exception)
            when (jobs.FirstOrDefault(job => exception.Message.StartsWith($"job \"{job.Name}\": ", StringComparison.Ordinal)) is { } refused
            )
        {
            throw new CommandException($"{path}: line {refused.Line}: {exception.Message}");
        }
    }

    private static void Print(JsonElement changes, bool isDryRun)
    {
        var counts = new Dictionary<string, int>();
        foreach (var change in changes.EnumerateArray())
        {
            var kind = change.GetProperty("change").GetString()!;
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            if (kind != "same")
                Console.Out.WriteLine($"{kind, -8} {VisibleText.Line(change.GetProperty("job").GetString()!)}");
        }
        var would = isDryRun ? "would be " : "";
        Console.Out.WriteLine(
            string.Join(", ", ((string[])["added", "changed", "removed"]).Select(kind => $"{counts.GetValueOrDefault(kind)} {would}{kind}"))
                + $", {counts.GetValueOrDefault("same")} as they are"
        );
    }
}
