using System.Globalization;
using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Tests.Scheduling;

/// <summary>As crontab(5) says; the times follow Thursday, 26 November 2026, 12:00.</summary>
public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("30 4 1,15 * 5", "2026-11-27T04:30", "2026-12-01T04:30", "2026-12-04T04:30", "2026-12-11T04:30", "2026-12-15T04:30")]
    [InlineData("0 0 1 * MON", "2026-11-30T00:00", "2026-12-01T00:00", "2026-12-07T00:00")]
    [InlineData("0 0 1 * *", "2026-12-01T00:00", "2027-01-01T00:00")]
    [InlineData("0 0 * * 1", "2026-11-30T00:00", "2026-12-07T00:00")]
    [InlineData("0 0 */10 * 1", "2026-12-21T00:00", "2027-01-11T00:00")]
    [InlineData("0 0 13 * */5", "2026-12-13T00:00", "2027-06-13T00:00", "2027-08-13T00:00")]
    [InlineData("0 0 31 2 1", "2027-02-01T00:00", "2027-02-08T00:00")]
    [InlineData("0 12 * * 4", "2026-12-03T12:00")]
    [InlineData("0 0 * * 7", "2026-11-29T00:00", "2026-12-06T00:00")]
    [InlineData("0 0 * * 5-7", "2026-11-27T00:00", "2026-11-28T00:00", "2026-11-29T00:00", "2026-12-04T00:00")]
    [InlineData("0 0 * jan,Mar SUN", "2027-01-03T00:00", "2027-01-10T00:00")]
    [InlineData("*/25 13-14/1 * * *", "2026-11-26T13:00", "2026-11-26T13:25", "2026-11-26T13:50", "2026-11-26T14:00")]
    [InlineData("5-59/20 * * * *", "2026-11-26T12:05", "2026-11-26T12:25", "2026-11-26T12:45", "2026-11-26T13:05")]
    [InlineData("0 0 29 2 *", "2028-02-29T00:00", "2032-02-29T00:00")]
    [InlineData("@daily", "2026-11-27T00:00", "2026-11-28T00:00")]
    [InlineData("@weekly", "2026-11-29T00:00", "2026-12-06T00:00")]
    [InlineData("@Hourly", "2026-11-26T13:00")]
    [InlineData("@monthly", "2026-12-01T00:00")]
    [InlineData("@annually", "2027-01-01T00:00")]
    [InlineData("  0\t0  1 1 * ", "2027-01-01T00:00")]
    public void The_next_times_are_those_of_cron(string expression, params string[] expected)
    {
        var schedule = CronSchedule.TryParse(expression, out var reason);
        Assert.Null(reason);
        var now = At("2026-11-26T12:00");
        foreach (var time in expected)
        {
            now = schedule!.NextAfter(now)!.Value;
            Assert.Equal(At(time), now);
        }
        Assert.Null(new JobOptions(Cron: expression).Refuse());
    }

    [Theory]
    [InlineData("0 0 L * *", "extension")]
    [InlineData("0 0 15W * *", "extension")]
    [InlineData("0 0 * * 5#2", "extension")]
    [InlineData("0 0 ? * MON", "extension")]
    [InlineData("H 0 * * *", "extension")]
    [InlineData("0 0 * * 5-1", "goes backwards; write two ranges")]
    [InlineData("50-10 * * * *", "write two ranges, such as 50-59,0-10")]
    [InlineData("5/15 * * * *", "write 5-59/15")]
    [InlineData("*/0 * * * *", "step")]
    [InlineData("0 0 0 * *", "0 is not from 1 to 31")]
    [InlineData("60 * * * *", "60 is not from 0 to 59")]
    [InlineData("0 0 * 13 *", "13 is not from 1 to 12")]
    [InlineData("0 0 * * 8", "8 is not from 0 to 7")]
    [InlineData("0 0 * * FUN", "one of sun, mon")]
    [InlineData("1,,2 * * * *", "a number is missing")]
    [InlineData("-5 * * * *", "a number is missing")]
    [InlineData("0 0 * *", "4 fields, not five")]
    [InlineData("0 0 0 * * *", "6 fields, not five")]
    [InlineData("", "0 fields, not five")]
    [InlineData("@reboot", "is not known; use @hourly")]
    [InlineData("@every_minute", "is not known; use @hourly")]
    [InlineData("99999999999 * * * *", "is not a number from 0 to 59")]
    [InlineData("0 0 30 2 *", "never comes true")]
    public void What_cron_does_not_have_is_refused_with_what_to_write(string expression, string words) =>
        Assert.Contains(words, new JobOptions(Cron: expression).Refuse(), StringComparison.Ordinal);

    [Fact]
    public void An_expression_that_an_earlier_version_took_means_what_it_meant() =>
        Assert.Equal(At("2026-11-30T00:00"), ScheduledJob.NextAfter(At("2026-11-26T12:00"), Period.Never, "0 0 L * *"));

    private static Timestamp At(string time) => Timestamp.From(DateTimeOffset.Parse(time + "Z", CultureInfo.InvariantCulture));
}
