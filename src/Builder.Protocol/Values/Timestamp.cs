namespace Builder.Protocol.Values;

/// <summary>
/// A moment in UTC, in ticks of 100 ns since 1970-01-01. Its range holds what the wire can say (years 0 to 9999), which
/// <see cref="DateTimeOffset"/> does not. On the wire it is cut to milliseconds.
/// </summary>
public readonly record struct Timestamp(long Ticks) : IComparable<Timestamp>
{
    public const long TicksPerDay = TimeSpan.TicksPerDay;

    /// <summary>Picoseconds in a tick: databases keep picoseconds within the day.</summary>
    public const long PicosecondsPerTick = 100_000;

    /// <summary>The <c>next</c> of an item with period <see cref="Period.Never"/>: 9999-12-31T23:59:59.999Z.</summary>
    public static Timestamp Never { get; } = From(new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, TimeSpan.Zero));

    /// <summary>Days since 1970-01-01; negative before.</summary>
    public long Days => Math.DivRem(Ticks, TicksPerDay).Quotient - (Ticks % TicksPerDay < 0 ? 1 : 0);

    /// <summary>Picoseconds since the start of the day, 0 to 86 399 999 999 900 000.</summary>
    public long PicosecondsOfDay => (Ticks - (Days * TicksPerDay)) * PicosecondsPerTick;

    public static Timestamp From(DateTimeOffset time) => new(time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks);

    public static Timestamp FromDays(long days, long picosecondsOfDay) =>
        new((days * TicksPerDay) + (picosecondsOfDay / PicosecondsPerTick));

    public static Timestamp Now(TimeProvider clock) => From(clock.GetUtcNow());

    /// <exception cref="ArgumentOutOfRangeException">The year is 0 or above 9999.</exception>
    public DateTimeOffset ToDateTimeOffset() => new(Ticks + DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.Zero);

    /// <summary>As the wire would carry it: whole milliseconds, cut towards the past.</summary>
    public Timestamp TruncateToMilliseconds() =>
        new(Ticks - (((Ticks % TimeSpan.TicksPerMillisecond) + TimeSpan.TicksPerMillisecond) % TimeSpan.TicksPerMillisecond));

    public int CompareTo(Timestamp other) => Ticks.CompareTo(other.Ticks);

    public static Timestamp operator +(Timestamp time, TimeSpan span) => new(time.Ticks + span.Ticks);

    public static TimeSpan operator -(Timestamp left, Timestamp right) => new(left.Ticks - right.Ticks);

    public static bool operator <(Timestamp left, Timestamp right) => left.Ticks < right.Ticks;

    public static bool operator <=(Timestamp left, Timestamp right) => left.Ticks <= right.Ticks;

    public static bool operator >(Timestamp left, Timestamp right) => left.Ticks > right.Ticks;

    public static bool operator >=(Timestamp left, Timestamp right) => left.Ticks >= right.Ticks;
}
