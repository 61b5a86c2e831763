using System.Text;
using Builder.Protocol.Values;

namespace Builder.Cli.Reproduce;

/// <summary>What two recorded inputs do not share.</summary>
internal static class InputDifference
{
    /// <returns>Lines of the one with <c>-</c> in front, of the other with <c>+</c>, sorted by their text.</returns>
    public static IEnumerable<string> Lines(ByteString recorded, ByteString here)
    {
        var (left, right) = (Read(recorded), Read(here));
        return left.Except(right)
            .Select(static line => (Sign: "-", Line: line))
            .Concat(right.Except(left).Select(static line => (Sign: "+", Line: line)))
            .OrderBy(static one => one.Line, StringComparer.Ordinal)
            .Select(static one => one.Sign + one.Line);
    }

    private static HashSet<string> Read(ByteString text) =>
        [.. Encoding.UTF8.GetString(text.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
}
