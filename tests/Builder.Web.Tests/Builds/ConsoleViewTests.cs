using System.Globalization;
using System.Text;
using Builder.Web.Builds;

namespace Builder.Web.Tests.Builds;

public sealed class ConsoleViewTests
{
    [Fact]
    public async Task A_short_console_is_shown_whole()
    {
        var part = await ReadAsync("0.000s:+ make\n1.250s:done: yes\nmore of it\n2.0s:", isFailed: false);
        Assert.Equal(4, part.Total);
        var run = Assert.Single(part.Runs);
        Assert.Null(run.Summary);
        Assert.Equal(["&#x2B; make", "done: yes", "more of it", ""], run.Lines.Select(line => line.Html));
        Assert.Equal(["0.000", "1.250", null, "2.0"], run.Lines.Select(line => line.Time));
    }

    [Fact]
    public async Task Long_output_between_commands_is_folded_but_not_where_an_error_is_nor_at_the_end()
    {
        var text = new StringBuilder("0.0s:+ apt install\n");
        Append(text, "unpacking", 200);
        text.Append("1.0s:+ make\n");
        Append(text, "compiling", 100);
        text.Append("2.0s:x.c:1: error: no\n");
        Append(text, "compiling", 100);
        text.Append("3.0s:+ ls\n");
        Append(text, "file", 100);
        var part = await ReadAsync(text.ToString(), isFailed: true);
        var folded = Assert.Single(part.Runs, run => run.Summary is not null);
        Assert.Equal("176 lines folded", folded.Summary);
        Assert.All(folded.Lines, line => Assert.StartsWith("unpacking", line.Html, StringComparison.Ordinal));
        Assert.Equal(303, part.FirstError);
        Assert.Equal(
            Enumerable.Range(1, (int)part.Total).Select(number => (long)number),
            part.Runs.SelectMany(run => run.Lines).Select(line => line.Number)
        );
    }

    [Fact]
    public async Task Of_a_huge_console_a_failed_build_shows_the_part_around_the_first_error_and_others_the_end()
    {
        var text = new StringBuilder();
        Append(text, "early", 5000);
        text.Append("1.0s:fatal: gone\n");
        Append(text, "late", 50_000);
        var failed = await ReadAsync(text.ToString(), isFailed: true);
        Assert.Equal(5001, failed.FirstError);
        Assert.Equal(4801, failed.Start);
        Assert.Equal(4801 + ConsoleView.WindowLength - 1, failed.End);
        var good = await ReadAsync(text.ToString(), isFailed: false);
        Assert.Equal(good.Total, good.End);
        var asked = await ReadAsync(text.ToString(), isFailed: true, from: 10_000);
        Assert.Equal(10_000, asked.Start);
        var beyond = await ReadAsync(text.ToString(), isFailed: true, from: 10_000_000);
        Assert.Equal(beyond.Total, beyond.End);
    }

    [Fact]
    public async Task A_line_without_end_is_cut_and_a_line_that_is_no_text_is_shown()
    {
        var part = await ReadAsync("0.0s:" + new string('x', 1_000_000) + "\n0.1s:b\n", isFailed: false);
        Assert.Equal(2, part.Total);
        Assert.EndsWith(" …", part.Runs[0].Lines[0].Html, StringComparison.Ordinal);
        Assert.True(part.Runs[0].Lines[0].Html.Length < 10_000);
        var broken = await ReadAsync(new MemoryStream([0x30, 0x73, 0x3a, 0xff, 0x00, 0x0a]), isFailed: false);
        Assert.Equal("\uFFFD", broken.Runs[0].Lines[0].Html);
    }

    [Fact]
    public async Task Any_part_of_a_console_of_a_million_lines_is_found_by_a_small_index()
    {
        const int total = 1_200_000;
        var stream = new MemoryStream();
        for (var line = 1; line <= total; line++)
            stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"0.1s:{line}\n")));
        var index = await ConsoleIndex.BuildAsync(stream, known: null, TestContext.Current.CancellationToken);
        foreach (var from in new[] { 1, 2, 256, 257, 512, 513, 600_000, 1_048_577, total - 1, total })
        {
            var part = await ConsoleView.ReadAsync(stream, index, from, isFailed: false, TestContext.Current.CancellationToken);
            Assert.Equal(total, part.Total);
            Assert.Equal(
                Enumerable
                    .Range(0, Math.Min(ConsoleView.WindowLength, total + 1 - from))
                    .Select(place => (from + place).ToString(CultureInfo.InvariantCulture)),
                part.Runs.SelectMany(run => run.Lines).Select(line => line.Html)
            );
        }
    }

    [Fact]
    public async Task Long_lines_make_a_page_shorter_and_the_rest_is_a_page_away()
    {
        var text = new StringBuilder();
        for (var line = 0; line < 3000; line++)
            text.Append("0.1s:").Append('x', 8000).Append('\n');
        var part = await ReadAsync(text.ToString(), isFailed: false, from: 1);
        Assert.InRange(part.End, 200, 300);
        var next = await ReadAsync(text.ToString(), isFailed: false, from: part.End + 1);
        Assert.Equal(part.End + 1, next.Start);
    }

    [Theory]
    [InlineData("builder: 1.50 s of processor time, 4.0 MiB of memory at most, 0.0 MiB written", "1.5 s of CPU, 4.2 MB of memory at peak")]
    [InlineData(
        "builder: 754.25 s of processor time, 1024.0 MiB of memory at most, 12.5 MiB written",
        "12 min 34 s of CPU, 1.1 GB of memory at peak, 13.1 MB written"
    )]
    [InlineData("builder: 1e9 s of processor time, 4.0 MiB of memory at most, 0.0 MiB written", null)]
    [InlineData("builder: 1.50 s of processor time, 99999999999.0 MiB of memory at most, 0.0 MiB written", null)]
    [InlineData("echo builder: 1.50 s of processor time, 4.0 MiB of memory at most, 0.0 MiB written", null)]
    [InlineData("done", null)]
    public async Task What_the_server_notes_of_a_build_at_the_end_is_read_there_only(string line, string? usage)
    {
        Assert.Equal(usage, (await ReadAsync($"0.1s:make\n0.2s:{line}\n", isFailed: false)).Usage);
        Assert.Null((await ReadAsync($"0.1s:{line}\n0.2s:make\n", isFailed: false)).Usage);
    }

    private static Task<ConsolePart> ReadAsync(string text, bool isFailed, long from = 0) =>
        ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), isFailed, from);

    private static async Task<ConsolePart> ReadAsync(MemoryStream stream, bool isFailed, long from = 0)
    {
        var index = await ConsoleIndex.BuildAsync(stream, known: null, TestContext.Current.CancellationToken);
        return await ConsoleView.ReadAsync(stream, index, from, isFailed, TestContext.Current.CancellationToken);
    }

    private static void Append(StringBuilder text, string word, int count)
    {
        for (var line = 0; line < count; line++)
            text.Append(CultureInfo.InvariantCulture, $"0.5s:{word} {line}\n");
    }
}
