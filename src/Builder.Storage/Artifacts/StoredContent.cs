namespace Builder.Storage.Artifacts;

/// <summary>An artifact open for reading.</summary>
/// <param name="LocalPath">The file, where the store has one, for servers that send files themselves.</param>
public sealed record StoredContent(Stream Stream, long Length, string? LocalPath) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
