using System.Text;
using System.Text.Json.Nodes;
using Builder.Cli.Logging;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Tests.Logging;

public sealed class LogLineTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 14, 6, 0, 0, 123, TimeSpan.Zero);

    [Theory]
    [InlineData(LogLevel.Error)]
    [InlineData(LogLevel.Warning)]
    [InlineData(LogLevel.Information)]
    [InlineData(LogLevel.Debug)]
    public void A_line_for_the_journal_says_its_level_and_is_read_back(LogLevel level)
    {
        var line = Encoding
            .UTF8.GetString(LogLine.Text(Time, level, "worker", "job <6>x done", error: null, isJournal: true))
            .TrimEnd('\n');
        Assert.Equal((level, "worker: job <6>x done"), LogLine.FromJournal(line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<")]
    [InlineData("<9>x")]
    [InlineData("Unhandled exception. System.Exception: no")]
    public void What_is_no_line_of_ours_is_information_as_it_stands(string line) =>
        Assert.Equal((LogLevel.Information, line), LogLine.FromJournal(line));

    [Fact]
    public void Names_of_strangers_cannot_forge_a_line_or_steer_a_terminal()
    {
        var line = Encoding.UTF8.GetString(
            LogLine.Text(Time, LogLevel.Warning, "server", "job a\n2026-11-14 error\u001b[2J", error: null, isJournal: false)
        );
        Assert.Equal("2026-11-14T06:00:00.123Z warning server: job a | 2026-11-14 error\\u001b[2J\n", line);
    }

    [Fact]
    public void A_line_of_json_has_every_value_by_its_name()
    {
        var line = LogLine.Json(
            Time,
            LogLevel.Information,
            "web",
            new EventId(30),
            "build 1 stored",
            [new("Uuid", "0b7a53a2"), new("{OriginalFormat}", "build {Uuid} stored")],
            error: null
        );
        Assert.Equal((byte)'\n', line[^1]);
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """{"time":"2026-11-14T06:00:00.123+00:00","level":"info","category":"web","event":30,"message":"build 1 stored","uuid":"0b7a53a2"}"""
                ),
                JsonNode.Parse(line)
            )
        );
    }
}
