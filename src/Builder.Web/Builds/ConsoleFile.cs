using System.Globalization;
using System.Text;

namespace Builder.Web.Builds;

/// <summary>A line of a stored console.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Time">Since the start of the build, in seconds, as it stands in the file; null where the line goes on from the one before.</param>
internal readonly record struct StoredLine(long Number, string? Time, string Text);

/// <summary>Reads a stored console, <c>SECONDS.mmms:TEXT</c> a line, without ever holding more than a line of it.</summary>
internal static class ConsoleFile
{
    /// <summary>More of a line is not shown; the text as it was is a click away.</summary>
    private const int LongestLine = 8 * 1024;

    private static readonly string[] ErrorSigns =
    [
        "error:", "#=== error", "[error]", "error while", "fatal:", "fatal error", "panic:", "undefined reference to", "command not found",
        "no such file or directory", "no space left on device", "permission denied", "make: ***", "segmentation fault",
        "traceback (most recent call last)", "unhandled exception", "assertion failed", "killed", "out of memory",
    ];

    public static async IAsyncEnumerable<StoredLine> ReadAsync(Stream stream, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        var line = new byte[LongestLine];
        var length = 0;
        var isCut = false;
        long number = 0;
        int read;
        while ((read = await stream.ReadAsync(buffer, stop)) > 0)
        {
            var rest = buffer.AsMemory(0, read);
            while (!rest.IsEmpty)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                var piece = end < 0 ? rest : rest[..end];
                var kept = Math.Min(piece.Length, LongestLine - length);
                piece[..kept].CopyTo(line.AsMemory(length));
                length += kept;
                isCut |= kept < piece.Length;
                rest = end < 0 ? default : rest[(end + 1)..];
                if (end < 0)
                    break;
                yield return Parse(++number, line.AsSpan(0, length), isCut);
                length = 0;
                isCut = false;
            }
        }
        if (length > 0)
            yield return Parse(++number, line.AsSpan(0, length), isCut);
    }

    /// <summary>A guess, for highlighting and for jumping: the words that compilers and package managers use.</summary>
    public static bool LooksLikeError(string plain)
    {
        foreach (var sign in ErrorSigns)
        {
            if (plain.Contains(sign, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return plain.StartsWith("error", StringComparison.OrdinalIgnoreCase);
    }

    private static StoredLine Parse(long number, ReadOnlySpan<byte> bytes, bool isCut)
    {
        var text = Encoding.UTF8.GetString(bytes) + (isCut ? " …" : "");
        var mark = text.IndexOf("s:", StringComparison.Ordinal);
        return mark > 0 && decimal.TryParse(text.AsSpan(0, mark), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? new StoredLine(number, text[..mark], text[(mark + 2)..])
            : new StoredLine(number, null, text);
    }
}
