using System.Collections;
using System.Text;

namespace Builder.Storage.Search;

/// <summary>The trigrams of a console: each three bytes that follow each other in a line. Not safe for several threads at once.</summary>
public sealed class ConsoleTrigrams
{
    public const int Length = 3;

    /// <summary>A console with more different ones is mostly noise: it is opened for every question.</summary>
    private const int MaxTerms = 200_000;

    /// <summary>Of a longer question the first and the last ones decide.</summary>
    private const int MaxAsked = 40;

    private const int Piece = 256 * 1024;

    private readonly BitArray seen = new(1 << 24);
    private readonly List<int> terms = [];

    /// <summary>The terms that a text in a console has, in order.</summary>
    /// <param name="text">At least three bytes of UTF-8, without a newline.</param>
    public static ulong[] Of(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        ConsoleBytes.ToLower(bytes);
        var all = Enumerable.Range(0, bytes.Length - Length + 1).Select(at => (ulong)Term(bytes, at));
        return [.. all.Take(MaxAsked / 2).Concat(all.TakeLast(MaxAsked / 2)).Distinct().Order()];
    }

    /// <returns>As the index keeps them; null where the console has no line of three bytes.</returns>
    internal async Task<byte[]?> ReadAsync(Stream console, CancellationToken cancellationToken)
    {
        try
        {
            var buffer = new byte[Piece];
            var kept = 0;
            while (terms.Count <= MaxTerms)
            {
                var read = await console.ReadAtLeastAsync(buffer.AsMemory(kept), 1, throwOnEndOfStream: false, cancellationToken);
                var length = kept + read;
                // The last line may go on; one that fills the whole buffer is cut, and both parts share no trigram.
                var end = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
                if (read == 0 || (end == 0 && length == buffer.Length))
                    end = length;
                Add(buffer.AsSpan(0, end));
                buffer.AsSpan(end, length - end).CopyTo(buffer);
                kept = length - end;
                if (read == 0)
                    break;
            }
            if (terms.Count > MaxTerms)
                return TermSet.Pack([TermSet.Anything]);
            terms.Sort();
            return terms.Count == 0 ? null : TermSet.Pack([.. terms.Select(static term => (ulong)term)]);
        }
        finally
        {
            foreach (var term in terms)
                seen[term] = false;
            terms.Clear();
        }
    }

    private void Add(Span<byte> lines)
    {
        ConsoleBytes.ToLower(lines);
        while (!lines.IsEmpty)
        {
            var newline = lines.IndexOf((byte)'\n');
            var line = newline < 0 ? lines : lines[..newline];
            lines = newline < 0 ? [] : lines[(newline + 1)..];
            line = line[ConsoleBytes.TimeLength(line)..];
            for (var at = 0; at <= line.Length - Length; at++)
            {
                var term = Term(line, at);
                if (seen[term])
                    continue;
                seen[term] = true;
                terms.Add(term);
            }
        }
    }

    private static int Term(ReadOnlySpan<byte> bytes, int at) => (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}
