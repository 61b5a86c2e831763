using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Cli.Find;
using Builder.Cli.Secrets;
using Builder.Cli.Text;

namespace Builder.Cli.Advisories;

/// <summary><c>builder advisories rebuild ID</c>: a site queues the jobs whose latest build an advisory applies to.</summary>
internal static class AdvisoriesRebuildCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "The advisory, such as OSEC-2026-01." };
        var site = SiteOption.Create();
        var token = new Option<FileInfo>("--token-file")
        {
            Description = "File with an API token of the site that has the scope operate (builder db token-add).",
            HelpName = "FILE",
            Required = true,
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "rebuild",
            """
            Build the jobs again whose latest build is affected by an advisory and not dismissed.

            Example:
              builder advisories rebuild OSEC-2026-06 --site https://builds.example.org --token-file ~/.builder-token

            Exit code: 0 all are queued, 1 some are not, or none is affected, 2 no answer.
            """
        )
        {
            id,
            site,
            token,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var advisory = parsed.GetRequiredValue(id);
                if (!Builder.Analysis.Advisories.AdvisoryId.IsValid(advisory))
                    throw new CommandException($"\"{Printable.Of(advisory)}\" is not the id of an advisory", ExitCode.Trouble);
                var secret = SecretFile.ReadText("--token-file", parsed.GetRequiredValue(token).FullName, Warning.Show).Trim();
                using var answer =
                    await SiteQuestion.PostAsync(
                        SiteOption.Require(parsed, site),
                        $"/advisories/{Uri.EscapeDataString(advisory)}/rebuild",
                        new AuthenticationHeaderValue("Bearer", secret),
                        cancellationToken
                    ) ?? throw new CommandException("the site gave no answer", ExitCode.Trouble);
                await using var output = StandardOutput.Open();
                var (lines, isWhole) = Lines(answer.RootElement);
                await output.WriteAsync(
                    Encoding.UTF8.GetBytes(
                        parsed.GetValue(json) ? $"{answer.RootElement.GetRawText()}\n"
                        : lines.Length == 0 ? $"No latest build is affected by {advisory}.\n"
                        : lines
                    ),
                    cancellationToken
                );
                return isWhole && lines.Length > 0 ? ExitCode.Success : ExitCode.Failed;
            }
        );
        return command;
    }

    private static (string Lines, bool IsWhole) Lines(JsonElement answer)
    {
        var lines = new StringBuilder();
        var isWhole = true;
        foreach (var job in answer.GetProperty("jobs").EnumerateArray())
        {
            var refusal = job.GetProperty("refusal").GetString();
            isWhole &= refusal is null;
            lines
                .Append(Printable.Of(job.GetProperty("job").GetString() ?? ""))
                .Append(refusal is null ? ": queued" : $": not queued: {Printable.Of(refusal)}")
                .Append('\n');
        }
        return (lines.ToString(), isWhole);
    }
}
