namespace Builder.Storage.Artifacts;

/// <summary>An artifact open for reading.</summary>
public sealed record StoredContent(Stream Stream, long Length) : IAsyncDisposable
{
    /// <summary>Whether reading waits for another machine: then it must not keep a thread.</summary>
    public bool IsRemote { get; init; }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
