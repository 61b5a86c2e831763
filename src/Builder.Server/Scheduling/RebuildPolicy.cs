using System.Text.Json;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>How a job's builds are built again, as its schedule says.</summary>
/// <param name="Rebuilds">How often each successful build is repeated; null for the server's own number.</param>
/// <param name="Vary">What workers change in repetitions; null for the server's own set.</param>
/// <param name="OnAnyWorker">The worker of the build may repeat it although others are there.</param>
/// <param name="Bisect">Where a varied repetition differs, find out which variation matters.</param>
/// <param name="Recheck">How often the last good build is repeated although nothing is new.</param>
public sealed record RebuildPolicy(
    int? Rebuilds = null,
    Variations? Vary = null,
    bool OnAnyWorker = false,
    bool Bisect = false,
    Recheck Recheck = Recheck.Never
)
{
    public const int MaxRebuilds = 20;

    public const string OtherWorker = "other-worker";
    public const string AnyWorker = "any-worker";

    private const string Field = "rebuild";

    public static RebuildPolicy Default { get; } = new();

    /// <summary>Null for <see cref="Recheck.Never"/>.</summary>
    public TimeSpan? RecheckInterval =>
        Recheck switch
        {
            Recheck.Weekly => TimeSpan.FromDays(7),
            Recheck.Monthly => TimeSpan.FromDays(30),
            _ => null,
        };

    /// <summary>The reason why this cannot be, or null where it can.</summary>
    public string? Refuse() => Rebuilds is < 0 or > MaxRebuilds ? $"rebuilds {Rebuilds} is not a number from 0 to {MaxRebuilds}" : null;

    public static bool TryParseOn(string text, out bool onAnyWorker)
    {
        onAnyWorker = text == AnyWorker;
        return text is OtherWorker or AnyWorker;
    }

    public static bool TryParseRecheck(string text, out Recheck recheck)
    {
        (recheck, var isKnown) = text switch
        {
            "never" => (Recheck.Never, true),
            "weekly" => (Recheck.Weekly, true),
            "monthly" => (Recheck.Monthly, true),
            _ => (Recheck.Never, false),
        };
        return isKnown;
    }

    /// <summary>From the field <c>rebuild</c> of a job in JSON.</summary>
    /// <exception cref="FormatException">A field cannot be; the message names it.</exception>
    public static RebuildPolicy Read(JsonElement job)
    {
        if (!job.TryGetProperty(Field, out var policy))
            return Default;
        var vary = Variations.None;
        if (Text(policy, "vary") is { } names && !VariationNames.TryParseSet(names, out vary, out var reason))
            throw new FormatException(reason);
        var onAny = false;
        if (Text(policy, "on") is { } on && !TryParseOn(on, out onAny))
            throw new FormatException($"rebuild-on \"{on}\" is not known; use {OtherWorker} or {AnyWorker}");
        var recheck = Recheck.Never;
        if (Text(policy, "recheck") is { } often && !TryParseRecheck(often, out recheck))
            throw new FormatException($"recheck \"{often}\" is not known; use never, weekly or monthly");
        return new RebuildPolicy(
            policy.TryGetProperty("rebuilds", out var rebuilds) ? rebuilds.GetInt32() : null,
            Text(policy, "vary") is null ? null : vary,
            onAny,
            policy.TryGetProperty("bisect", out var bisect) && bisect.GetBoolean(),
            recheck
        );
    }

    /// <summary>As the field <c>rebuild</c> of an object; nothing where all of it is the default.</summary>
    public void Write(Utf8JsonWriter json)
    {
        if (this == Default)
            return;
        json.WriteStartObject(Field);
        if (Rebuilds is { } rebuilds)
            json.WriteNumber("rebuilds", rebuilds);
        if (Vary is { } vary)
            json.WriteString("vary", VariationNames.Write(vary));
        json.WriteString("on", OnAnyWorker ? AnyWorker : OtherWorker);
        json.WriteBoolean("bisect", Bisect);
        json.WriteString("recheck", Recheck.ToString().ToLowerInvariant());
        json.WriteEndObject();
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
