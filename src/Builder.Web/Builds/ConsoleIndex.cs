using Builder.Analysis.Logs;

namespace Builder.Web.Builds;

/// <summary>What one pass over a console finds out, so that any part of it can be read without the rest.</summary>
internal sealed class ConsoleIndex
{
    private const int MaxMarks = 4096;

    private readonly List<long> marks;
    private readonly long every;

    private ConsoleIndex(long total, long? firstError, List<long> marks, long every)
    {
        Total = total;
        FirstError = firstError;
        this.marks = marks;
        this.every = every;
    }

    /// <summary>Lines of the whole.</summary>
    public long Total { get; }

    /// <summary>The number of the line that started the failure, as far as lines tell.</summary>
    public long? FirstError { get; }

    /// <param name="known">The first error, where it was looked for before: that takes longer than all else.</param>
    public static async Task<ConsoleIndex> BuildAsync(Stream stream, KnownError? known, CancellationToken cancellationToken)
    {
        stream.Seek(0, SeekOrigin.Begin);
        var buffer = new byte[64 * 1024];
        var scan = new Scan(known);
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            scan.Add(buffer.AsSpan(0, read));
        return scan.End();
    }

    /// <summary>From this line on.</summary>
    public IAsyncEnumerable<StoredLine> ReadAsync(Stream stream, long from, CancellationToken cancellationToken)
    {
        if (marks.Count == 0)
            return AsyncEnumerable.Empty<StoredLine>();
        var mark = (int)Math.Min((from - 1) / every, marks.Count - 1);
        stream.Seek(marks[mark], SeekOrigin.Begin);
        return ConsoleFile.ReadAsync(stream, (mark * every) + 1, cancellationToken).Where(line => line.Number >= from);
    }

    /// <summary>The pass: lines are counted, their beginnings marked, and each is looked at.</summary>
    private sealed class Scan(KnownError? known)
    {
        private readonly byte[] line = new byte[ConsoleFile.MaxLineLength];
        private List<long> marks = [];
        private long every = 256;
        private int length;
        private bool isInLine;
        private long position;
        private long total;
        private readonly FirstErrorFinder? finder = known is null ? new() : null;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                if (!isInLine)
                    BeginLine();
                var end = bytes.IndexOf((byte)'\n');
                var piece = end < 0 ? bytes : bytes[..end];
                var kept = Math.Min(piece.Length, line.Length - length);
                piece[..kept].CopyTo(line.AsSpan(length));
                length += kept;
                var used = end < 0 ? bytes.Length : end + 1;
                position += used;
                bytes = bytes[used..];
                if (end >= 0)
                    EndLine();
            }
        }

        public ConsoleIndex End()
        {
            if (isInLine)
                EndLine();
            return new ConsoleIndex(total, finder is null ? known?.Line : finder.Finish(hasFailed: true)?.Line, marks, every);
        }

        private void BeginLine()
        {
            isInLine = true;
            total++;
            if ((total - 1) % every != 0)
                return;
            if (marks.Count == MaxMarks)
            {
                // However long it is, the index stays small.
                marks = [.. marks.Where((_, index) => index % 2 == 0)];
                every *= 2;
                if ((total - 1) % every != 0)
                    return;
            }
            marks.Add(position);
        }

        private void EndLine()
        {
            isInLine = false;
            finder?.Add(line.AsSpan(0, length));
            length = 0;
        }
    }
}

/// <param name="Line">Null where nothing in the console looks like one, or the build succeeded.</param>
internal sealed record KnownError(long? Line);
