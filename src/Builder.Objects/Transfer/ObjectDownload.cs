namespace Builder.Objects.Transfer;

/// <summary>An object that is being read, or a part of it.</summary>
/// <param name="Length">Of what comes now, in bytes.</param>
/// <param name="Content">Ends with an <see cref="ObjectStoreException"/> where the connection breaks or stalls; never short without one.</param>
public sealed record ObjectDownload(ObjectInfo Info, long Length, Stream Content) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
