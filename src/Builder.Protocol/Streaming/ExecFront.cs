namespace Builder.Protocol.Streaming;

/// <summary>Where job, uuid, console, times and result of a finished build lie in a file: everything before its artifacts.</summary>
/// <param name="Start">Offset of the first byte after the headers around the build.</param>
/// <param name="End">Offset of the list of artifacts.</param>
public readonly record struct ExecFront(long Start, long End)
{
    public long Length => End - Start;
}
