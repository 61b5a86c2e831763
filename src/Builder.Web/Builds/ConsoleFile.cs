using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Builder.Web.Builds;

/// <summary>A line of a stored console.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Offset">Of its first byte in the file.</param>
/// <param name="Time">Since the start of the build, in seconds, as it stands in the file; null where the line goes on from the one before.</param>
internal readonly record struct StoredLine(long Number, long Offset, string? Time, string Text);

/// <summary>Reads a stored console, <c>SECONDS.mmms:TEXT</c> a line, without ever holding more than a line of it.</summary>
internal static class ConsoleFile
{
    /// <summary>More of a line is not shown; the text as it was is a click away.</summary>
    public const int MaxLineLength = 8 * 1024;

    private static readonly SearchValues<string> ErrorSigns = SearchValues.Create(
        [
            "error:",
            "#=== error",
            "[error]",
            "error while",
            "fatal:",
            "fatal error",
            "panic:",
            "undefined reference to",
            "command not found",
            "no such file or directory",
            "no space left on device",
            "permission denied",
            "make: ***",
            "segmentation fault",
            "traceback (most recent call last)",
            "unhandled exception",
            "assertion failed",
            "killed",
            "out of memory",
        ],
        StringComparison.OrdinalIgnoreCase
    );

    private static readonly SearchValues<byte> TimeDigits = SearchValues.Create("0123456789."u8);

    /// <param name="stream">At the beginning of a line.</param>
    /// <param name="first">That line's number.</param>
    public static async IAsyncEnumerable<StoredLine> ReadAsync(
        Stream stream,
        long first,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var buffer = new byte[64 * 1024];
        var line = new byte[MaxLineLength];
        var length = 0;
        var isCut = false;
        var position = stream.Position;
        var start = position;
        var number = first;
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var rest = buffer.AsMemory(0, read);
            while (!rest.IsEmpty)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                var piece = end < 0 ? rest : rest[..end];
                var kept = Math.Min(piece.Length, MaxLineLength - length);
                piece[..kept].CopyTo(line.AsMemory(length));
                length += kept;
                isCut |= kept < piece.Length;
                rest = end < 0 ? default : rest[(end + 1)..];
                if (end < 0)
                    break;
                yield return Parse(number++, start, line.AsSpan(0, length), isCut);
                start = position + read - rest.Length;
                length = 0;
                isCut = false;
            }
            position += read;
        }
        if (length > 0)
            yield return Parse(number, start, line.AsSpan(0, length), isCut);
    }

    /// <summary>A guess, for highlighting and for jumping: the words that compilers and package managers use.</summary>
    public static bool LooksLikeError(string plain) =>
        plain.AsSpan().ContainsAny(ErrorSigns) || plain.StartsWith("error", StringComparison.OrdinalIgnoreCase);

    /// <summary>What was printed, without the time in front.</summary>
    public static string Text(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line[TimeLength(line)..]);

    private static StoredLine Parse(long number, long offset, ReadOnlySpan<byte> line, bool isCut)
    {
        var time = TimeLength(line);
        return new StoredLine(
            number,
            offset,
            time == 0 ? null : Encoding.ASCII.GetString(line[..(time - 2)]),
            Text(line) + (isCut ? " …" : "")
        );
    }

    /// <summary>Of <c>SECONDS.mmms:</c> with the mark behind it; 0 where there is none.</summary>
    private static int TimeLength(ReadOnlySpan<byte> line)
    {
        var mark = line.IndexOfAnyExcept(TimeDigits);
        return
            mark > 0
            && line[mark..].StartsWith("s:"u8)
            && line[..mark].ContainsAnyInRange((byte)'0', (byte)'9')
            && line[..mark].Count((byte)'.') <= 1
            ? mark + 2
            : 0;
    }
}
