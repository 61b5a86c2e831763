using System.CommandLine;
using System.Globalization;
using System.Text;
using Builder.Cli.Errors;
using Builder.Cli.Find;
using Builder.Cli.Text;

namespace Builder.Cli.Advisories;

/// <summary><c>builder advisories list</c>: the advisories of a site, and how many of its latest builds each applies to.</summary>
internal static class AdvisoriesListCommand
{
    public static Command Create()
    {
        var site = SiteOption.Create();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "list",
            """
            List the advisories of a site and how many of its latest builds each applies to.

            Example:
              builder advisories list --site https://builds.example.org
            """
        )
        {
            site,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var address =
                    SiteOption.Read(parsed, site)
                    ?? throw new CommandException($"no site: give --site URL, or set {SiteOption.Variable}", ExitCode.Trouble);
                using var answer =
                    await SiteQuestion.AskAsync(address, "/advisories", cancellationToken)
                    ?? throw new CommandException($"{address} has no advisories: is it a site of builder?", ExitCode.Trouble);
                var text = new StringBuilder();
                foreach (var advisory in answer.RootElement.GetProperty("advisories").EnumerateArray())
                    text.Append(
                        CultureInfo.InvariantCulture,
                        $"{advisory.GetProperty("affected_latest_builds").GetInt64(), 5}  {Printable.Of(advisory.GetProperty("id").GetString()!)}  {Printable.Of(advisory.GetProperty("title").GetString()!)}\n"
                    );
                await using var output = StandardOutput.Open();
                await output.WriteAsync(
                    Encoding.UTF8.GetBytes(parsed.GetValue(json) ? $"{answer.RootElement.GetRawText()}\n" : text.ToString()),
                    cancellationToken
                );
                return ExitCode.Success;
            }
        );
        return command;
    }
}
