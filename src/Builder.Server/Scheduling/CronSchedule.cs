using System.Buffers;
using System.Globalization;
using Builder.Protocol.Values;
using Cronos;

namespace Builder.Server.Scheduling;

/// <summary>
/// A cron expression as crontab(5) of Vixie cron reads it, in UTC: five fields of numbers, names, ranges, steps and lists, or <c>@daily</c> and its like.
/// Where day of month and day of week are both restricted (neither begins with <c>*</c>), either one is enough.
/// </summary>
internal sealed class CronSchedule
{
    private static readonly (string Name, int Lowest, int Highest, string[] Names)[] Fields =
    [
        ("minute", 0, 59, []),
        ("hour", 0, 23, []),
        ("day of month", 1, 31, []),
        ("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        ("day of week", 0, 7, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    private static readonly SearchValues<char> Extensions = SearchValues.Create("LW#?~HR");

    private readonly CronExpression[] expressions;

    private CronSchedule(params CronExpression[] expressions) => this.expressions = expressions;

    /// <summary>An expression that was accepted. One that an earlier version accepted, and this one does not, means what it meant then.</summary>
    public static CronSchedule Parse(string text) => TryParse(text, out var reason) ?? ParseEarlier(text, reason!);

    /// <returns>Null where the text is no cron expression; <paramref name="reason"/> then says why, and what to write.</returns>
    public static CronSchedule? TryParse(string text, out string? reason)
    {
        var words = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words is [['@', ..] nickname])
        {
            words = Expand(nickname)?.Split(' ') ?? [];
            if (words.Length == 0)
            {
                reason = $"\"{nickname}\" is not known; use @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually";
                return null;
            }
        }
        if (words.Length != Fields.Length)
        {
            reason = $"it has {words.Length} fields, not five (minute, hour, day of month, month, day of week) such as \"30 3 * * *\"";
            return null;
        }
        var fields = new string[Fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            if (Read(words[i], i, out reason) is not { } field)
                return null;
            fields[i] = field;
        }
        reason = null;
        var (minute, hour, day, month, weekday) = (fields[0], fields[1], fields[2], fields[3], fields[4]);
        return words[2][0] == '*' || words[4][0] == '*'
            ? new CronSchedule(CronExpression.Parse($"{minute} {hour} {day} {month} {weekday}"))
            : new CronSchedule(
                CronExpression.Parse($"{minute} {hour} {day} {month} *"),
                CronExpression.Parse($"{minute} {hour} * {month} {weekday}")
            );
    }

    /// <summary>The next time after <paramref name="now"/>; null where there is none, as with 30 February.</summary>
    public Timestamp? NextAfter(Timestamp now)
    {
        DateTimeOffset? next = null;
        foreach (var expression in expressions)
        {
            if (expression.GetNextOccurrence(now.ToDateTimeOffset(), TimeZoneInfo.Utc) is { } time && (next is null || time < next))
                next = time;
        }
        return next is { } earliest ? Timestamp.From(earliest) : null;
    }

    private static CronSchedule ParseEarlier(string text, string reason) =>
        CronExpression.TryParse(text, out var expression) ? new CronSchedule(expression) : throw new FormatException(reason);

    private static string? Expand(string nickname) =>
        nickname.ToLowerInvariant() switch
        {
            "@hourly" => "0 * * * *",
            "@daily" or "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" or "@annually" => "0 0 1 1 *",
            _ => null,
        };

    /// <returns>The field as <c>*</c> or a list of numbers.</returns>
    private static string? Read(string text, int field, out string? reason)
    {
        var values = new SortedSet<int>();
        foreach (var part in text.Split(','))
        {
            if ((reason = Add(values, part, field)) is not null)
            {
                reason = $"\"{text}\" is no {Fields[field].Name}: {reason}";
                return null;
            }
        }
        reason = null;
        return text == "*" ? text : string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
    }

    private static string? Add(SortedSet<int> values, string part, int field)
    {
        var (_, lowest, highest, _) = Fields[field];
        var slash = part.Split('/');
        var step = 1;
        if (slash.Length > 2 || (slash.Length == 2 && (!TryNumber(slash[1], out step) || step == 0)))
            return $"the step in \"{part}\" is not a number from 1 on";
        var (first, last) = (lowest, field == 4 ? highest - 1 : highest);
        if (slash[0] != "*")
        {
            var ends = slash[0].Split('-');
            if (ends.Length > 2)
                return $"\"{slash[0]}\" is not a range such as {lowest}-{highest}";
            if (Value(ends[0], field, out first) is { } problem)
                return problem;
            last = first;
            if (ends.Length == 2 && (problem = Value(ends[1], field, out last)) is not null)
                return problem;
            if (last < first)
                return $"the range {slash[0]} goes backwards; write two ranges, such as {first}-{highest},{lowest}-{last}";
            if (ends.Length == 1 && slash.Length == 2)
                return $"a step needs a range or *; write {first}-{highest}/{step}";
        }
        for (var value = first; value <= last; value += step)
            values.Add(field == 4 ? value % 7 : value);
        return null;
    }

    private static string? Value(string text, int field, out int value)
    {
        var (_, lowest, highest, names) = Fields[field];
        value = Array.FindIndex(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (value >= 0)
        {
            value += field == 3 ? 1 : 0;
            return null;
        }
        if (TryNumber(text, out value))
            return value >= lowest && value <= highest ? null : $"{value} is not from {lowest} to {highest}";
        if (text.AsSpan().ContainsAny(Extensions))
            return $"\"{text}\" is an extension (L, W, #, ?, ~, H) that crontab(5) does not have; name the days";
        return text.Length == 0
            ? "a number is missing"
            : $"\"{text}\" is not a number from {lowest} to {highest}{(names.Length > 0 ? $" or one of {string.Join(", ", names)}" : "")}";
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 1000;
}
