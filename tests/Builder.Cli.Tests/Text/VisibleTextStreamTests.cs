using System.Text;
using Builder.Cli.Text;

namespace Builder.Cli.Tests.Text;

public sealed class VisibleTextStreamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    public void A_sequence_that_is_written_in_pieces_is_shown_all_the_same(int pieceLength)
    {
        Assert.Equal(
            "a \u001b[31mred\u001b[0m \\u001b]0;t\\u0007\nlast \\u202e",
            Written("a \u001b[31mred\u001b[0m \u001b]0;t\u0007\nlast \u202e", pieceLength, keepsColours: true)
        );
        Assert.Equal("a \\u001b[31mred\n", Written("a \u001b[31mred\n", pieceLength, keepsColours: false));
    }

    [Fact]
    public void A_line_without_end_is_written_in_pieces()
    {
        var written = Written(new string('x', 200_000) + "\u001b[2J", 4096, keepsColours: true);
        Assert.Equal(new string('x', 200_000) + @"\u001b[2J", written);
    }

    private static string Written(string text, int pieceLength, bool keepsColours)
    {
        using var terminal = new MemoryStream();
        using (var stream = new VisibleTextStream(terminal, keepsColours))
        {
            foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(pieceLength))
                stream.Write(piece);
        }
        return Encoding.UTF8.GetString(terminal.ToArray());
    }
}
