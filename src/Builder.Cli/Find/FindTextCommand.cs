using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;
using Builder.Protocol.Values;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Find;

/// <summary><c>builder find text TEXT</c>: which consoles on a site have a line with a text.</summary>
internal static class FindTextCommand
{
    private const int MinBytes = 3;
    private const int MaxLength = 300;

    public static Command Create()
    {
        var text = new Argument<string>("TEXT") { Description = "A part of a line. Capital and small letters are the same." };
        var job = new Option<JobName>("--job")
        {
            Description = "List all consoles of this job. Default: the newest of each job and platform.",
            HelpName = "JOB",
            CustomParser = static result => ArgumentValues.JobName(result, result.Tokens[0].Value) ?? default!,
        };
        var site = SiteOption.Create();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "text",
            """
            Say which builds have a line with a text in their console.

            Example:
              builder find text "undefined reference" --site https://builds.example.org

            Exit code: 0 found, 1 not found, 2 no answer.
            """
        )
        {
            text,
            job,
            site,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var wanted = parsed.GetRequiredValue(text);
                if (
                    Encoding.UTF8.GetByteCount(wanted) < MinBytes
                    || wanted.Length > MaxLength
                    || wanted.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0
                )
                    throw new CommandException($"TEXT takes {MinBytes} to {MaxLength} characters on one line", ExitCode.Trouble);
                var query = $"?q={Uri.EscapeDataString($"\"{wanted}\"")}";
                if (parsed.GetValue(job) is { } only)
                    query += $"&job={Uri.EscapeDataString(only.Value)}";
                using var answer =
                    await SiteQuestion.AskAsync(SiteOption.Require(parsed, site), $"/search{query}", cancellationToken)
                    ?? throw new CommandException("the site has no search", ExitCode.Trouble);
                if (answer.RootElement.ValueKind != JsonValueKind.Object || !answer.RootElement.TryGetProperty("consoles", out var found))
                    throw new CommandException("the site answers something else than consoles", ExitCode.Trouble);
                await using var output = StandardOutput.Open();
                await output.WriteAsync(
                    Encoding.UTF8.GetBytes(parsed.GetValue(json) ? $"{found.GetRawText()}\n" : Lines(found)),
                    cancellationToken
                );
                if (!found.GetProperty("complete").GetBoolean())
                    await Console.Error.WriteLineAsync("builder: there may be more: give more of the line, or --job");
                return found.GetProperty("places").GetArrayLength() > 0 ? ExitCode.Success : ExitCode.Failed;
            }
        );
        return command;
    }

    private static string Lines(JsonElement found)
    {
        var places = found.GetProperty("places");
        if (places.GetArrayLength() == 0)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"None of {found.GetProperty("consoles").GetInt64()} consoles has a line with this text.\n"
            );
        var lines = new StringBuilder();
        foreach (var place in places.EnumerateArray())
        {
            var others = place.GetProperty("other_builds").GetInt32();
            var build = place.GetProperty("build");
            lines.Append(
                CultureInfo.InvariantCulture,
                $"{Text(place, "job")} on {Text(place, "platform")}, build {Text(build, "uuid")} ({Text(build, "start_time")}), line {place.GetProperty("line").GetInt64()}: {Text(place, "line_text")}{(others > 0 ? $" (perhaps also in {others} earlier builds)" : "")}\n"
            );
        }
        return lines.ToString();
    }

    private static string Text(JsonElement element, string name) => Printable.Of(element.GetProperty(name).GetString() ?? "");
}
