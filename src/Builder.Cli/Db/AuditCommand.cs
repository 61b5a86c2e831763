using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Cli.Text;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary><c>builder db audit</c>.</summary>
internal static class AuditCommand
{
    /// <summary>Entries that are read at a time.</summary>
    private const int PageLength = 500;

    public static Command Create(DataOptions data)
    {
        var count = new Option<int>("--count", "-n")
        {
            Description = "So many entries, the newest first; 0 for all.",
            DefaultValueFactory = _ => 50,
            HelpName = "N",
        };
        count.Between(0, int.MaxValue);
        var actor = new Option<string?>("--user") { Description = "Only what this account did.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "A JSON object a line." };
        var command = new Command("audit", "Show who did what, when, from where, and what came of it.") { count, actor, json };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var database = await data.OpenAsync(parsed, cancellationToken);
                var log = new AuditLog(database, TimeProvider.System);
                var left = parsed.GetValue(count) is > 0 and var most ? most : int.MaxValue;
                var before = long.MaxValue;
                while (left > 0)
                {
                    var entries = await log.ListAsync(before, parsed.GetValue(actor), Math.Min(left, PageLength), cancellationToken);
                    foreach (var entry in entries)
                        await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Json(entry) : Line(entry));
                    if (entries.Count < Math.Min(left, PageLength))
                        break;
                    left -= entries.Count;
                    before = entries[^1].Id;
                }
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static string Line(RecordedEntry recorded)
    {
        var entry = recorded.Entry;
        var who = entry.Actor.Length == 0 ? "unknown" : entry.Actor;
        var from = entry.Address.Length == 0 ? entry.Way : $"{entry.Way}, {entry.Address}";
        return Printable.Of(
            $"{recorded.Time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}  {who} ({from})  {entry.Action} {entry.Subject}  {AuditLog.NameOf(entry.Outcome)}{(entry.Detail.Length == 0 ? "" : $": {entry.Detail}")}"
        );
    }

    private static string Json(RecordedEntry recorded)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("id", recorded.Id);
            json.WriteString("time", recorded.Time);
            json.WriteString("actor", recorded.Entry.Actor);
            json.WriteString("way", recorded.Entry.Way);
            json.WriteString("address", recorded.Entry.Address);
            json.WriteString("action", recorded.Entry.Action);
            json.WriteString("subject", recorded.Entry.Subject);
            json.WriteString("outcome", AuditLog.NameOf(recorded.Entry.Outcome));
            json.WriteString("detail", recorded.Entry.Detail);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
