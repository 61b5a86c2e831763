namespace Builder.Storage.Artifacts;

/// <summary>An artifact open for reading.</summary>
public sealed record StoredContent(Stream Stream, long Length) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
