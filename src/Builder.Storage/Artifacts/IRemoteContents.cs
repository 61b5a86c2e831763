using Builder.Analysis.Values;

namespace Builder.Storage.Artifacts;

/// <summary>Contents on another machine, for the check of all of them.</summary>
internal interface IRemoteContents
{
    /// <summary>In the order of their hashes.</summary>
    /// <param name="from">The first hash, or beginning of one, that counts; empty for all.</param>
    IAsyncEnumerable<Sha256Digest> AllAsync(string from, CancellationToken cancellationToken);

    /// <summary>Reads all of it; one that is gone is no error.</summary>
    /// <param name="pace">Told how many bytes were read.</param>
    /// <exception cref="DamagedContentException">It is not what its hash says; that is noted down.</exception>
    Task CheckAsync(Sha256Digest digest, Func<int, ValueTask> pace, CancellationToken cancellationToken);
}
