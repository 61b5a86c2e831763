using System.Buffers;
using System.Globalization;
using System.Text;

namespace Builder.Protocol.Text;

/// <summary>
/// What a terminal would show of one console line: text that was written over (CR, BS, cursor moves and erasing within the line) in its
/// last state, colours and weights as styles. All other sequences and controls are either left out or shown, never obeyed.
/// </summary>
public static class TerminalLine
{
    /// <summary>A cursor that is moved stays within this many columns, or within the line where that is longer.</summary>
    private const int WidestMove = 512;

    /// <summary>UTF-16 units of combining marks on one character; more is not writing but a way to draw over other lines.</summary>
    private const int MaxMarks = 16;

    private static readonly SearchValues<char> ParameterCharacters = SearchValues.Create("0123456789;:");

    private const char EscapeCharacter = '\u001b';

    /// <param name="line">Without its line feed.</param>
    /// <param name="showsControls">Whether sequences that are not obeyed, and other controls, are shown as <c>\u001b</c> or left out.</param>
    public static IReadOnlyList<TerminalRun> Read(string line, bool showsControls)
    {
        if (!line.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return line.Length == 0 ? [] : [new TerminalRun(line, default)];
        var screen = new Screen(showsControls);
        screen.Write(line);
        return screen.Runs();
    }

    /// <summary>The text alone, for looking for words in it.</summary>
    public static string Plain(string line)
    {
        if (line.AsSpan().IndexOfAny(EscapeCharacter, '\r', '\b') < 0)
            return line;
        return string.Concat(Read(line, showsControls: false).Select(run => run.Text));
    }

    /// <summary>
    /// The line for a terminal: colours and weights as sequences of our own that end with the line, everything else that would steer the
    /// terminal or the order of reading shown as <c>\u001b</c>.
    /// </summary>
    public static string ForTerminal(string line)
    {
        var runs = Read(line, showsControls: true);
        if (runs is [{ Style: var style } only] && style == default)
            return only.Text;
        var text = new StringBuilder(line.Length + 16);
        foreach (var run in runs)
        {
            var sequence = run.Style.ToSequence();
            text.Append(sequence).Append(run.Text).Append(sequence.Length > 0 ? "\u001b[0m" : "");
        }
        return text.ToString();
    }

    private struct Cell
    {
        public Rune Character;

        /// <summary>Combining marks on it.</summary>
        public string? Marks;
        public TerminalStyle Style;
    }

    private sealed class Screen(bool showsControls)
    {
        private static readonly Cell Blank = new() { Character = new Rune(' ') };

        private readonly List<Cell> cells = [];
        private TerminalStyle style;
        private int cursor;

        public void Write(string line)
        {
            for (var at = 0; at < line.Length; )
            {
                if (line[at] == EscapeCharacter)
                {
                    at = WriteSequence(line, at);
                    continue;
                }
                if (Rune.DecodeFromUtf16(line.AsSpan(at), out var rune, out var length) != OperationStatus.Done)
                    rune = Rune.ReplacementChar;
                at += length;
                WriteRune(rune);
            }
        }

        public List<TerminalRun> Runs()
        {
            var runs = new List<TerminalRun>();
            var text = new StringBuilder();
            for (var at = 0; at < cells.Count; at++)
            {
                var cell = cells[at];
                if (VisibleText.IsHiddenInText(cell.Character))
                    text.Append(VisibleText.Escape(cell.Character));
                else
                    text.Append(cell.Character.ToString());
                text.Append(cell.Marks);
                if (at + 1 < cells.Count && cells[at + 1].Style == cell.Style)
                    continue;
                runs.Add(new TerminalRun(text.ToString(), cell.Style));
                text.Clear();
            }
            return runs;
        }

        private void WriteRune(Rune rune)
        {
            switch (rune.Value)
            {
                case '\r':
                    cursor = 0;
                    return;
                case '\b':
                    cursor = Math.Max(0, cursor - 1);
                    return;
                case < 0x20 when rune.Value != '\t' && !showsControls:
                    return;
            }
            if (cursor > 0 && cursor <= cells.Count && IsMark(rune))
            {
                var marked = cells[cursor - 1];
                if (marked.Marks is not { Length: >= MaxMarks })
                    marked.Marks += rune.ToString();
                cells[cursor - 1] = marked;
                return;
            }
            while (cells.Count < cursor)
                cells.Add(Blank);
            var cell = new Cell { Character = rune, Style = style };
            if (cursor < cells.Count)
                cells[cursor] = cell;
            else
                cells.Add(cell);
            cursor++;
        }

        /// <summary>Takes the sequence at <paramref name="start"/>; returns where the line goes on.</summary>
        private int WriteSequence(string line, int start)
        {
            var end = EndOf(line, start);
            if (line.AsSpan(start).StartsWith("\u001b[") && TryObey(line.AsSpan(start + 2, end - start - 2)))
                return end;
            if (!showsControls)
                return end;
            // Shown as the text that it is; the rest of it is written like any other.
            WriteRune(new Rune(EscapeCharacter));
            return start + 1;
        }

        private bool TryObey(ReadOnlySpan<char> sequence)
        {
            if (sequence.IsEmpty || sequence[..^1].ContainsAnyExcept(ParameterCharacters))
                return false;
            var parameters = sequence[..^1];
            switch (sequence[^1])
            {
                case 'm':
                    style = style.After(parameters);
                    return true;
                case 'K':
                    return TryErase(parameters);
                case 'J' when parameters is "" or "0":
                    return TryErase(parameters);
                case 'G':
                    MoveTo(Count(parameters) - 1);
                    return true;
                case 'C':
                    MoveTo(cursor + Count(parameters));
                    return true;
                case 'D':
                    MoveTo(cursor - Count(parameters));
                    return true;
                default:
                    return false;
            }
        }

        private bool TryErase(ReadOnlySpan<char> parameters)
        {
            switch (parameters)
            {
                case "" or "0":
                    if (cursor < cells.Count)
                        cells.RemoveRange(cursor, cells.Count - cursor);
                    return true;
                case "1":
                    for (var at = 0; at <= cursor && at < cells.Count; at++)
                        cells[at] = Blank;
                    return true;
                case "2":
                    cells.Clear();
                    return true;
                default:
                    return false;
            }
        }

        private void MoveTo(int column) => cursor = Math.Clamp(column, 0, Math.Max(cells.Count, WidestMove));

        private static int Count(ReadOnlySpan<char> parameter) =>
            int.TryParse(parameter, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? Math.Clamp(count, 1, 100_000) : 1;

        private static bool IsMark(Rune rune) =>
            rune.Value >= 0x300 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;

        /// <summary>The position behind the sequence, or the end of the line where it has none.</summary>
        private static int EndOf(string line, int start)
        {
            if (start + 1 >= line.Length)
                return line.Length;
            var at = start + 2;
            switch (line[start + 1])
            {
                case '[':
                    while (at < line.Length && line[at] is >= ' ' and < '@')
                        at++;
                    return at < line.Length && line[at] is >= '@' and <= '~' ? at + 1 : at;
                case ']' or 'P' or 'X' or '^' or '_':
                    // Titles, links, the clipboard, device strings: up to BEL or ESC \.
                    while (at < line.Length && line[at] != '\a' && line[at] != EscapeCharacter)
                        at++;
                    return at + 1 < line.Length && line[at] == EscapeCharacter && line[at + 1] == '\\' ? at + 2
                        : at < line.Length && line[at] == EscapeCharacter ? at
                        : Math.Min(at + 1, line.Length);
                case '(' or ')' or '*' or '+' or '#' or '%' or ' ':
                    return Math.Min(start + 3, line.Length);
                default:
                    return Math.Min(start + 2, line.Length);
            }
        }
    }
}
