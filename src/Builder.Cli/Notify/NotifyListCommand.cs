using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Cli.Text;
using Builder.Storage.Outbox;

namespace Builder.Cli.Notify;

/// <summary><c>builder notify list</c>.</summary>
internal static class NotifyListCommand
{
    private const int MaxLetters = 1000;
    private const int MaxCounted = 10_000;

    public static Command Create(NotifyOptions options)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "list",
            """
            Show each target: what waits for it and why, and what could not be delivered.

            Example:
              builder notify list --datadir /var/lib/builder-web
            """
        )
        {
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var targets = options.Read(parsed);
                await using var database = await options.OpenAsync(parsed, cancellationToken);
                await using var session = await database.OpenReadAsync(cancellationToken);
                var states = await OutboxTargets.ListAsync(session, TimeProvider.System.GetUtcNow(), cancellationToken);
                var letters = await DeadLetters.ListAsync(session, MaxLetters, cancellationToken);
                var lines = new List<(TargetState State, int Waiting)>();
                foreach (var state in states)
                {
                    var filter = targets.FirstOrDefault(target => target.Name == state.Name)?.Filter;
                    var waiting = filter is null
                        ? 0
                        : (await OutboxEvents.AfterAsync(session, state.Position, MaxCounted, cancellationToken)).Count(filter.Matches);
                    lines.Add((state, waiting));
                }
                await using var output = StandardOutput.Open();
                await output.WriteAsync(parsed.GetValue(json) ? Json(lines, letters) : Text(lines, letters), cancellationToken);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static byte[] Text(List<(TargetState State, int Waiting)> lines, List<DeadLetter> letters)
    {
        var text = new StringBuilder();
        foreach (var (state, waiting) in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{state.Name}\twaiting {waiting}\tdelivered {state.Delivered}");
            if (state.Problem is { } problem)
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"\tfailing since {Time(state.FailingSince)}, next attempt {Time(state.Due)}: {Printable.Of(problem)}"
                );
            text.Append('\n');
        }
        foreach (var letter in letters)
        {
            var state = letter.IsDue ? "is sent again" : "not delivered";
            text.Append(
                CultureInfo.InvariantCulture,
                $"{letter.Target}\t{state}: event {letter.Event}, {letter.Kind} {Printable.Of(letter.Job ?? "")}, {Time(letter.Since)}: {Printable.Of(letter.Problem)}\n"
            );
        }
        return Encoding.UTF8.GetBytes(
            text.Length == 0 ? "nothing was ever due: builder web writes down here what it sends\n" : text.ToString()
        );
    }

    private static byte[] Json(List<(TargetState State, int Waiting)> lines, List<DeadLetter> letters)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("targets");
            foreach (var (state, waiting) in lines)
            {
                json.WriteStartObject();
                json.WriteString("name", state.Name);
                json.WriteNumber("waiting", waiting);
                json.WriteNumber("delivered", state.Delivered);
                json.WriteString("last_delivered", Time(state.LastDelivered));
                json.WriteNumber("attempts", state.Attempts);
                json.WriteString("problem", state.Problem);
                json.WriteString("failing_since", Time(state.FailingSince));
                json.WriteString("next_attempt", state.Problem is null ? null : Time(state.Due));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("dead_letters");
            foreach (var letter in letters)
            {
                json.WriteStartObject();
                json.WriteString("target", letter.Target);
                json.WriteNumber("event", letter.Event);
                json.WriteString("kind", letter.Kind);
                json.WriteString("job", letter.Job);
                json.WriteString("problem", letter.Problem);
                json.WriteString("since", Time(letter.Since));
                json.WriteBoolean("is_due", letter.IsDue);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static string? Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
