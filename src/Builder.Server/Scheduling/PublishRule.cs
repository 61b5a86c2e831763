using System.Globalization;
using System.Text.Json;

namespace Builder.Server.Scheduling;

/// <summary>When packages of a job go out: only after others came to the same bytes from the same inputs.</summary>
/// <param name="By">How many others; the build itself does not count.</param>
/// <param name="IsIndependent">They must be rebuilders of distinct operators; otherwise builds of the same farm count.</param>
public sealed record PublishRule(int By, bool IsIndependent)
{
    public const string Reproduced = "reproduced";
    public const string Built = "built";
    public const int MaxBy = 100;

    /// <summary>From the fields <c>when</c>, <c>by</c> and <c>independent</c>, as text; null for an absent one.</summary>
    /// <returns>Null where packages go out as soon as they are built.</returns>
    /// <exception cref="FormatException">A field cannot be; the message names it.</exception>
    public static PublishRule? Parse(string? when, string? by, string? independent)
    {
        if (when is not (Reproduced or Built))
            throw new FormatException($"publish: when \"{when}\" is not known; use {Reproduced} or {Built}");
        var isIndependent =
            independent is null ? false
            : bool.TryParse(independent, out var given) ? given
            : throw new FormatException($"publish: independent \"{independent}\" is neither true nor false");
        var count =
            by is null ? 1
            : int.TryParse(by, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxBy ? number
            : throw new FormatException($"publish: by \"{by}\" is not a number from 1 to {MaxBy}");
        if (when == Built && (by is not null || independent is not null))
            throw new FormatException($"publish: by and independent go with when: {Reproduced}");
        return when == Built ? null : new PublishRule(count, isIndependent);
    }

    /// <summary>From the field <c>publish</c> of JSON.</summary>
    /// <exception cref="FormatException">It cannot be.</exception>
    public static PublishRule? Read(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Object
            ? Parse(
                rule.TryGetProperty("when", out var when) && when.ValueKind == JsonValueKind.String ? when.GetString() : null,
                rule.TryGetProperty("by", out var by) ? by.GetRawText() : null,
                rule.TryGetProperty("independent", out var independent) ? independent.GetRawText() : null
            )
            : throw new FormatException("publish is an object with when, by and independent");

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("publish");
        json.WriteString("when", Reproduced);
        json.WriteNumber("by", By);
        json.WriteBoolean("independent", IsIndependent);
        json.WriteEndObject();
    }
}
