using System.Globalization;
using Builder.Cli.Originals;
using Builder.Cli.Parsing;
using Builder.Protocol.Values;

namespace Builder.Cli.Tests.Parsing;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-11-22T06:00:00Z", "2026-11-22T06:00:00.0000000")]
    [InlineData("2026-11-22t06:00:00z", "2026-11-22T06:00:00.0000000")]
    [InlineData("2026-11-22 06:00:00.5Z", "2026-11-22T06:00:00.5000000")]
    [InlineData("2026-11-22T06:00:00.123456789012Z", "2026-11-22T06:00:00.1234567")]
    [InlineData("2026-11-22T06:00:00-00:00", "2026-11-22T06:00:00.0000000")]
    [InlineData("2026-11-22T06:00:00+01:00", "2026-11-22T05:00:00.0000000")]
    [InlineData("2026-11-22T06:00Z", "2026-11-22T06:00:00.0000000")]
    [InlineData("2026-11-22", "2026-11-22T00:00:00.0000000")]
    public void A_moment_is_read(string text, string utc)
    {
        Assert.True(Rfc3339.TryParse(text, out var moment));
        Assert.Equal(utc, moment.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-22T")]
    [InlineData("2026-11-22T06Z")]
    [InlineData("2026-11-22T06:00:00.Z")]
    [InlineData("2026-11-22T06:00.5Z")]
    [InlineData("2026-02-30")]
    [InlineData("2026-11-22T24:00:00Z")]
    [InlineData("2026-11-22T06:00:61Z")]
    [InlineData("2026-11-22T06:00:00+99:00")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2026-11-22T06:00:00Z\n")]
    [InlineData("٢٠٢٦-11-22")]
    public void Anything_else_is_none(string text) => Assert.False(Rfc3339.TryParse(text, out Timestamp _));

    [Theory]
    [InlineData(0, "0.000μs")]
    [InlineData(1_234, "1.234μs")]
    [InlineData(867_000_000, "867.000ms")]
    [InlineData(4_001_999_999, "4.001s")]
    [InlineData(67_000_000_000, "1m07s")]
    [InlineData(7_500_000_000_000, "2h05m")]
    [InlineData(86_400_000_000_000, "1d00h")]
    [InlineData(-5, "0.000μs")]
    public void Lengths_of_time_are_printed_as_the_original_prints_them(long nanoseconds, string text) =>
        Assert.Equal(text, OriginalDuration.Text(nanoseconds));
}
