using System.Text;
using Builder.Storage.Search;

namespace Builder.Storage.Tests.Search;

/// <summary>Texts in consoles: what is found, where, and that the trigrams never miss it.</summary>
public sealed class ConsoleScanTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("undefined reference", 2L, 2)]
    [InlineData("UNDEFINED Reference to `Foo", 2L, 1)]
    [InlineData("0.002s", null, 0)]
    [InlineData("2s:main", null, 0)]
    [InlineData("reference\n", null, 0)]
    [InlineData("fin", 2L, 3)]
    [InlineData("grün", 5L, 1)]
    [InlineData("GRüN", 5L, 1)]
    [InlineData("a second line", 4L, 1)]
    [InlineData("at 1.000s: done", 6L, 1)]
    public async Task A_text_is_found_in_its_line_and_not_in_the_time_before_it(string text, long? line, int lines)
    {
        var console = Encoding.UTF8.GetBytes(
            "0.001s:gcc -o main\n0.002s:main.o: undefined reference to `foo'\n0.002s:Undefined reference to `bar'\na second line\n"
                + "-1.500s:alles grün\n12.000s:at 1.000s: done, final"
        );

        var hit = await ConsoleScan.FindAsync(new MemoryStream(console), text, Stop);

        Assert.Equal((line, lines), (hit?.Line, hit?.Lines ?? 0));
    }

    [Fact]
    public async Task The_same_as_a_plain_search_on_consoles_of_many_pieces()
    {
        var random = new Random(2);
        var text = new StringBuilder();
        var lines = new List<string>();
        for (var number = 0; number < 20_000; number++)
        {
            var line = string.Concat(Enumerable.Range(0, random.Next(0, 60)).Select(_ => (char)('a' + random.Next(0, 12))));
            lines.Add(line);
            text.Append($"{number}.{number % 1000:d3}s:{line}\n");
        }
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        var trigrams = new ConsoleTrigrams();
        var terms = TermSet.Unpack((await trigrams.ReadAsync(new MemoryStream(bytes), Stop))!).ToHashSet();
        Assert.Equal(
            lines
                .SelectMany(line => Enumerable.Range(0, Math.Max(0, line.Length - 2)).Select(at => line.Substring(at, 3)))
                .Distinct()
                .Count(),
            terms.Count
        );
        for (var round = 0; round < 200; round++)
        {
            var line = lines[random.Next(lines.Count)];
            if (line.Length < 4)
                continue;
            var start = random.Next(line.Length - 3);
            var wanted = line.Substring(start, random.Next(3, line.Length - start + 1));
            var expected = lines.FindIndex(one => one.Contains(wanted, StringComparison.Ordinal)) + 1;
            var hit = await ConsoleScan.FindAsync(new MemoryStream(bytes), wanted, Stop);
            Assert.Equal(expected, hit!.Line);
            Assert.Equal(Math.Min(lines.Count(one => one.Contains(wanted, StringComparison.Ordinal)), ConsoleScan.MaxCounted), hit.Lines);
            Assert.All(ConsoleTrigrams.Of(wanted), term => Assert.Contains(term, terms));
        }
        Assert.Null(await ConsoleScan.FindAsync(new MemoryStream(bytes), "xyz", Stop));
    }

    [Fact]
    public async Task A_console_of_noise_is_opened_for_every_question()
    {
        var noise = new byte[4 << 20];
        new Random(3).NextBytes(noise);

        var packed = (await new ConsoleTrigrams().ReadAsync(new MemoryStream(noise), Stop))!;

        Assert.Equal([TermSet.Anything], TermSet.Unpack(packed));
        Assert.True(TermSet.MayHold(packed, ConsoleTrigrams.Of("anything")));
        Assert.Null(await ConsoleScan.FindAsync(new MemoryStream(noise), "anything at all", Stop));
    }

    [Fact]
    public async Task A_line_longer_than_a_piece_is_cut_around_the_place()
    {
        var console = Encoding.ASCII.GetBytes(
            "0.001s:" + new string('a', 1000) + "needle" + new string('b', 600_000) + "\n0.002s:needle\n"
        );

        var hit = (await ConsoleScan.FindAsync(new MemoryStream(console), "needle", Stop))!;

        Assert.Equal((1, 2), (hit.Line, hit.Lines));
        Assert.StartsWith("…aaa", hit.Text, StringComparison.Ordinal);
        Assert.Contains("aneedleb", hit.Text, StringComparison.Ordinal);
        Assert.InRange(hit.Text.Length, 100, 310);
    }
}
