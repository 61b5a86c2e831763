using Builder.Protocol.Text;
using Builder.Protocol.Values;

namespace Builder.Cli.Text;

/// <summary>Text of strangers on one line of a terminal; <see cref="VisibleText"/> says how.</summary>
internal static class Printable
{
    public static string Of(ByteString bytes) => VisibleText.Line(bytes);

    public static string Of(string text) => VisibleText.Line(text);
}
