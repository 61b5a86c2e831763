using Builder.Protocol.Messages;

namespace Builder.Protocol.Streaming;

/// <summary>The lines of a build, newest first, to be gone through once.</summary>
/// <param name="ContentLength">As <see cref="ConsoleSize"/> counts it.</param>
public sealed record ConsoleSource(long ContentLength, IAsyncEnumerable<ConsoleLine> NewestFirst)
{
    public static ConsoleSource From(IReadOnlyList<ConsoleLine> newestFirst)
    {
        var size = new ConsoleSize();
        foreach (var line in newestFirst)
            size.Add(line);
        return new ConsoleSource(size.ContentLength, newestFirst.ToAsyncEnumerable());
    }
}
