using System.Globalization;
using System.Text.Json;

namespace Builder.Server.Scheduling;

/// <summary>What a job's builds should keep to. Going over it fails no build; it is shown.</summary>
/// <param name="Size">Bytes of the main binary; null for any.</param>
/// <param name="GrowthPermille">Growth of the main binary over the output before, in thousandths; null for any.</param>
/// <param name="Time">Of a build; null for any.</param>
public sealed record JobBudget(long? Size, int? GrowthPermille, TimeSpan? Time)
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("KB", 1000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("K", 1L << 10),
        ("M", 1L << 20),
        ("G", 1L << 30),
        ("B", 1),
        ("", 1),
    ];

    /// <summary>From the fields <c>size</c> (12MB), <c>growth</c> (5%) and <c>time</c>, as text; null for an absent one.</summary>
    /// <exception cref="FormatException">A field cannot be, or there is none; the message names it.</exception>
    public static JobBudget Parse(string? size, string? growth, TimeSpan? time)
    {
        if (size is null && growth is null && time is null)
            throw new FormatException("budget needs size, growth or time, such as {size: 12MB, growth: 5%, time: 20m}");
        return Checked(
            new JobBudget(
                size is null ? null
                    : TryParseSize(size, out var bytes) ? bytes
                    : throw new FormatException($"budget: size \"{size}\" is not a size such as 500kB, 12MB or 1GB"),
                growth is null ? null
                    : TryParseGrowth(growth, out var permille) ? permille
                    : throw new FormatException($"budget: growth \"{growth}\" is not a percentage from 0% to 1000% such as 5% or 2.5%"),
                time
            )
        );
    }

    /// <summary>From the field <c>budget</c> of JSON: <c>size</c> in bytes, <c>growth_permille</c>, <c>time_seconds</c>.</summary>
    /// <exception cref="FormatException">It cannot be.</exception>
    public static JobBudget Read(JsonElement budget)
    {
        if (budget.ValueKind != JsonValueKind.Object)
            throw new FormatException("budget is an object with size, growth_permille and time_seconds");
        return Checked(
            new JobBudget(
                Number(budget, "size"),
                Number(budget, "growth_permille") is { } growth ? (int)Math.Clamp(growth, int.MinValue, int.MaxValue) : null,
                Number(budget, "time_seconds") is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, -1, 1 << 30)) : null
            )
        );
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("budget");
        if (Size is { } size)
            json.WriteNumber("size", size);
        if (GrowthPermille is { } growth)
            json.WriteNumber("growth_permille", growth);
        if (Time is { } time)
            json.WriteNumber("time_seconds", (long)time.TotalSeconds);
        json.WriteEndObject();
    }

    /// <param name="size">Bytes of the main binary; null where the build has none.</param>
    /// <param name="before">Bytes of the output before on the platform; null where none is known.</param>
    public IReadOnlyList<BudgetExcess> ExcessesOf(long? size, long? before, TimeSpan took)
    {
        var over = new List<BudgetExcess>();
        if (size is { } bytes && bytes > Size)
            over.Add(new BudgetExcess("size", bytes, Size.Value));
        if (
            GrowthPermille is { } permille
            && size is { } now
            && before is > 0 and var then
            && (now - then) * 1000m > (decimal)permille * then
        )
            over.Add(new BudgetExcess("growth", (long)Math.Min((now - then) * 1000m / then, long.MaxValue), permille));
        if (took > Time)
            over.Add(new BudgetExcess("time", (long)took.TotalMilliseconds, (long)Time.Value.TotalMilliseconds));
        return over;
    }

    private static JobBudget Checked(JobBudget budget) =>
        budget.Size <= 0 ? throw new FormatException("budget: size is not above 0")
        : budget.GrowthPermille is < 0 or > 10_000 ? throw new FormatException("budget: growth is not between 0% and 1000%")
        : budget.Time is { } time && (time < TimeSpan.FromSeconds(1) || time > TimeSpan.FromDays(30))
            ? throw new FormatException("budget: time is not between one second and 30 days")
        : budget;

    private static long? Number(JsonElement budget, string name) =>
        !budget.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : throw new FormatException($"budget: {name} is not a whole number");

    private static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        foreach (var (unit, factor) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                continue;
            if (
                !decimal.TryParse(
                    text[..^unit.Length].TrimEnd(),
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out var number
                )
                || number <= 0
                || number > long.MaxValue / factor
            )
                continue;
            bytes = (long)(number * factor);
            return bytes > 0;
        }
        return false;
    }

    private static bool TryParseGrowth(string text, out int permille)
    {
        permille = 0;
        if (
            !text.EndsWith('%')
            || !decimal.TryParse(text[..^1].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            || percent > 1000
        )
            return false;
        permille = (int)(percent * 10);
        return true;
    }
}
