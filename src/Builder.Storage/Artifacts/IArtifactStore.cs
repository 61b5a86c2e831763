using Builder.Analysis.Values;

namespace Builder.Storage.Artifacts;

/// <summary>Where the contents of artifacts are, each once, found by their SHA-256.</summary>
public interface IArtifactStore
{
    /// <summary>Null where there is no such content.</summary>
    ValueTask<StoredContent?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken);

    ValueTask<bool> ExistsAsync(Sha256Digest digest, CancellationToken cancellationToken);

    /// <summary>Whether contents are on another machine: then several are sent at once, and local copies need not be durable.</summary>
    bool IsRemote => false;

    /// <summary>
    /// Does what takes long of <see cref="PublishAsync"/>, before the transaction that makes the content visible. A content that is then not
    /// published is swept after a day.
    /// </summary>
    ValueTask PrepareAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Takes over a complete and durable local file. When this returns the content is in the store and stays there whatever
    /// happens to the machine. A content that is there already is left as it is; the file may remain.
    /// </summary>
    ValueTask PublishAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken);

    /// <summary>A content that is not there is no error.</summary>
    ValueTask RemoveAsync(Sha256Digest digest, CancellationToken cancellationToken);
}
