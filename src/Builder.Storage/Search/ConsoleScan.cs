using System.Text;
using Builder.Protocol.Text;

namespace Builder.Storage.Search;

/// <summary>Looks through a console for a text.</summary>
public static class ConsoleScan
{
    private const int Piece = 256 * 1024;
    private const int MaxShown = 300;

    /// <summary>Counting stops here.</summary>
    public const int MaxCounted = 100;

    /// <param name="text">As a person typed it; capital and small ASCII letters are the same.</param>
    /// <returns>The first line that has it; null where none does.</returns>
    public static async Task<ConsoleHit?> FindAsync(Stream console, string text, CancellationToken cancellationToken)
    {
        var needle = Encoding.UTF8.GetBytes(text);
        ConsoleBytes.ToLower(needle);
        var buffer = new byte[Piece];
        var lower = new byte[Piece];
        var (kept, line, count) = (0, 1L, 0);
        ConsoleHit? first = null;
        while (true)
        {
            var read = await console.ReadAtLeastAsync(buffer.AsMemory(kept), 1, throwOnEndOfStream: false, cancellationToken);
            var length = kept + read;
            var end = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            if (read == 0 || (end == 0 && length == buffer.Length))
                end = length;
            Scan(buffer.AsSpan(0, end), lower.AsSpan(0, end), needle, ref line, ref count, ref first);
            buffer.AsSpan(end, length - end).CopyTo(buffer);
            kept = length - end;
            if (read == 0 || count >= MaxCounted)
                return first is null ? null : first with { Lines = count };
        }
    }

    private static void Scan(
        ReadOnlySpan<byte> bytes,
        Span<byte> lower,
        ReadOnlySpan<byte> needle,
        ref long line,
        ref int count,
        ref ConsoleHit? first
    )
    {
        bytes.CopyTo(lower);
        ConsoleBytes.ToLower(lower);
        var at = 0;
        while (at < lower.Length && count < MaxCounted)
        {
            var found = ((ReadOnlySpan<byte>)lower[at..]).IndexOf(needle);
            if (found < 0)
                break;
            found += at;
            var start = lower[..found].LastIndexOf((byte)'\n') + 1;
            var end = lower[found..].IndexOf((byte)'\n') is var newline and >= 0 ? found + newline : lower.Length;
            var time = ConsoleBytes.TimeLength(lower[start..end]);
            line += lower[at..start].Count((byte)'\n');
            // What stands before the text of a line is its time.
            if (found >= start + time || ((ReadOnlySpan<byte>)lower[(start + time)..end]).IndexOf(needle) >= 0)
            {
                count++;
                first ??= new ConsoleHit(line, Shown(bytes[(start + time)..end], Math.Max(0, found - start - time)), 1);
            }
            at = end + 1;
            line++;
        }
        if (at < lower.Length)
            line += lower[at..].Count((byte)'\n');
    }

    /// <summary>A long line is cut around the place.</summary>
    private static string Shown(ReadOnlySpan<byte> line, int at)
    {
        var from = line.Length <= MaxShown ? 0 : Math.Clamp(at - (MaxShown / 3), 0, line.Length - MaxShown);
        var part = line.Slice(from, Math.Min(MaxShown, line.Length - from));
        var text = TerminalLine.Plain(Encoding.UTF8.GetString(part)).Trim();
        return $"{(from > 0 ? "…" : "")}{text}{(from + part.Length < line.Length ? "…" : "")}";
    }
}
