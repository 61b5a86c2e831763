namespace Builder.Worker.Processes;

/// <summary>
/// Cuts what a job prints into lines of any bytes, without their newlines. What is longer than <see cref="MaxLineLength"/>
/// comes in pieces, so memory is bounded whatever a job prints.
/// </summary>
internal sealed class LineSplitter(LineSplitter.LineHandler handler)
{
    public const int MaxLineLength = 64 * 1024;

    private byte[] pending = [];
    private int pendingLength;

    public delegate void LineHandler(ReadOnlySpan<byte> line);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var newline = bytes.IndexOf((byte)'\n');
            var part = newline < 0 ? bytes : bytes[..newline];
            AddPart(part, isComplete: newline >= 0);
            bytes = bytes[(newline < 0 ? part.Length : newline + 1)..];
        }
    }

    /// <summary>The end: a last line may have no newline.</summary>
    public void Complete()
    {
        if (pendingLength > 0)
            AddPart([], isComplete: true);
    }

    private void AddPart(ReadOnlySpan<byte> part, bool isComplete)
    {
        if (pendingLength == 0 && isComplete && part.Length <= MaxLineLength)
        {
            handler(part);
            return;
        }
        if (pending.Length == 0)
            pending = new byte[MaxLineLength]; // most jobs print whole lines at a time and never need it
        while (pendingLength + part.Length > MaxLineLength)
        {
            var fits = MaxLineLength - pendingLength;
            part[..fits].CopyTo(pending.AsSpan(pendingLength));
            handler(pending);
            pendingLength = 0;
            part = part[fits..];
        }
        part.CopyTo(pending.AsSpan(pendingLength));
        pendingLength += part.Length;
        if (isComplete)
        {
            handler(pending.AsSpan(0, pendingLength));
            pendingLength = 0;
        }
    }
}
