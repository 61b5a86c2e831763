using Builder.Protocol.Values;

namespace Builder.Protocol.Der;

/// <summary>Year, month, day and time of day in the proleptic Gregorian calendar, years 0 to 9999 (<see cref="DateTime"/> starts at 1).</summary>
internal readonly record struct CivilTime(int Year, int Month, int Day, int Hour, int Minute, int Second, int Milliseconds = 0)
{
    private const int DaysIn400Years = 146_097;

    /// <summary>Days from 0000-03-01, where this arithmetic has its origin, to 1970-01-01.</summary>
    private const int DaysToUnixEpoch = 719_468;

    public bool IsValid =>
        Year is >= 0 and <= 9999
        && Month is >= 1 and <= 12
        && Day >= 1
        && Day <= DaysInMonth(Year, Month)
        && Hour is >= 0 and <= 23
        && Minute is >= 0 and <= 59
        && Second is >= 0 and <= 59
        && Milliseconds is >= 0 and <= 999;

    public Timestamp ToTimestamp()
    {
        // Years are counted from March, so that the leap day is the last of its year.
        var year = Month <= 2 ? Year - 1 : Year;
        var era = Math.DivRem(year < 0 ? year - 399 : year, 400).Quotient;
        var yearOfEra = year - (era * 400);
        var dayOfYear = (((153 * (Month + (Month > 2 ? -3 : 9))) + 2) / 5) + Day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        var days = ((long)era * DaysIn400Years) + dayOfEra - DaysToUnixEpoch;
        var seconds = (((Hour * 60) + Minute) * 60) + Second;
        return new Timestamp(
            (days * TimeSpan.TicksPerDay) + (seconds * TimeSpan.TicksPerSecond) + (Milliseconds * TimeSpan.TicksPerMillisecond)
        );
    }

    public static CivilTime From(Timestamp time)
    {
        var shifted = time.Days + DaysToUnixEpoch;
        var era = (shifted >= 0 ? shifted : shifted - (DaysIn400Years - 1)) / DaysIn400Years;
        var dayOfEra = (int)(shifted - (era * DaysIn400Years));
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var monthFromMarch = ((5 * dayOfYear) + 2) / 153;
        var month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        var ofDay = new TimeSpan(time.Ticks - (time.Days * TimeSpan.TicksPerDay));
        return new CivilTime(
            (int)(yearOfEra + (era * 400)) + (month <= 2 ? 1 : 0),
            month,
            dayOfYear - (((153 * monthFromMarch) + 2) / 5) + 1,
            ofDay.Hours,
            ofDay.Minutes,
            ofDay.Seconds,
            ofDay.Milliseconds
        );
    }

    private static int DaysInMonth(int year, int month) =>
        month switch
        {
            2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
            4 or 6 or 9 or 11 => 30,
            _ => 31,
        };
}
