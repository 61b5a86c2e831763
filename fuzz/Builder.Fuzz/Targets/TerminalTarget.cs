using System.Text;
using System.Text.RegularExpressions;
using Builder.Protocol.Text;

namespace Builder.Fuzz.Targets;

/// <summary>A console line for a terminal: no sequence but colours comes through, and its length stays in bounds.</summary>
internal static partial class TerminalTarget
{
    private const int WidestMove = 512;

    public static FuzzTarget Create() => new("terminal", Run);

    private static void Run(byte[] input)
    {
        var line = Encoding.UTF8.GetString(input).Replace("\n", "", StringComparison.Ordinal);
        var shown = TerminalLine.ForTerminal(line);
        if (Steering().IsMatch(shown))
            throw new InvalidDataException("something that steers a terminal came through");
        if (
            string.Concat(TerminalLine.Read(line, showsControls: false).Select(run => run.Text))
                .Contains('\u001b', StringComparison.Ordinal)
        )
            throw new InvalidDataException("an escape came through");
        // At most a colour of its own for each character, each of which is shown as two escapes at most.
        if (shown.Length > (line.Length + WidestMove) * 64)
            throw new InvalidDataException($"{line.Length} characters became {shown.Length}");
    }

    [GeneratedRegex(
        "\u001b(?!\\[[0-9;]*m)|[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    )]
    private static partial Regex Steering();
}
