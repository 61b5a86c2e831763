using Builder.Protocol.Values;
using Builder.Web.Html;
using CsCheck;

namespace Builder.Web.Tests.Html;

public sealed class WordingTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(115, "115 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1 kB")]
    [InlineData(7104, "7.1 kB")]
    [InlineData(53193, "53.2 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_500, "1 MB")]
    [InlineData(8_400_000, "8.4 MB")]
    [InlineData(long.MaxValue, "9.2 EB")]
    public void Sizes_are_short_and_in_decimal_units(long bytes, string text) => Assert.Equal(text, Wording.Bytes(bytes));

    [Theory]
    [InlineData(12_300, "+12.3 kB")]
    [InlineData(-104, "−104 B")]
    [InlineData(0, "±0")]
    public void Changes_carry_their_sign(long bytes, string text) => Assert.Equal(text, Wording.BytesChange(bytes));

    [Theory]
    [InlineData(0.4, "0.4 s")]
    [InlineData(12, "12 s")]
    [InlineData(301.5, "5 min 1 s")]
    [InlineData(3600, "1 h")]
    [InlineData(11_220, "3 h 7 min")]
    [InlineData(187_200, "2 d 4 h")]
    [InlineData(0.0001, "0 s")]
    [InlineData(0.038, "38 ms")]
    [InlineData(0.0994, "99 ms")]
    [InlineData(0.0996, "0.1 s")]
    public void Durations_have_their_two_largest_units(double seconds, string text) =>
        Assert.Equal(text, Wording.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(10, "just now")]
    [InlineData(100, "2 min ago")]
    [InlineData(3 * 3600, "3 h ago")]
    [InlineData(47 * 3600, "2 d ago")]
    [InlineData(-7200, "in 2 h")]
    [InlineData(100 * 86400, "14 Aug 2026")]
    public void Times_are_relative_until_the_date_says_more(int secondsAgo, string text)
    {
        var now = Timestamp.From(Site.Recorded);
        Assert.Equal(text, Wording.Relative(now + TimeSpan.FromSeconds(-secondsAgo), now).Text);
    }

    /// <summary>What is said until a moment is said to the last instant before it, and something else from then on.</summary>
    [Fact]
    public void Relative_times_say_until_when_they_are_right() =>
        Gen.Long[-90 * TimeSpan.TicksPerDay, 90 * TimeSpan.TicksPerDay]
            .Sample(age =>
            {
                var now = Timestamp.From(Site.Recorded);
                var time = now + new TimeSpan(-age);
                var (text, until) = Wording.Relative(time, now);
                Assert.True(until > now, $"{text} was right until {until}");
                if (until == Timestamp.Never)
                    return;
                Assert.Equal(text, Wording.Relative(time, until + TimeSpan.FromTicks(-1)).Text);
                Assert.NotEqual(text, Wording.Relative(time, until + TimeSpan.FromTicks(1)).Text);
            });

    [Fact]
    public void Years_that_no_calendar_has_are_still_shown()
    {
        Assert.Equal("1 Jan 0001", Wording.Date(new Timestamp(long.MinValue / 2)));
        Assert.Equal("31 Dec 9999", Wording.Date(new Timestamp(long.MaxValue)));
    }
}
