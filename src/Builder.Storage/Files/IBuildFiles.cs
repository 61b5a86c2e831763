using Builder.Protocol.Values;

namespace Builder.Storage.Files;

/// <summary>What each build has besides its artifacts: <c>console.txt</c>, <c>script.txt</c>, the exec's skeleton and withheld artifacts, in a folder <c>JOB/UUID</c>.</summary>
public interface IBuildFiles
{
    /// <summary>A local file to read anywhere in; null where there is none of the name.</summary>
    /// <param name="path">Relative, as the database has it: <c>JOB/UUID/console.txt</c>.</param>
    /// <exception cref="InvalidDataException">The path leads elsewhere.</exception>
    ValueTask<FileStream?> OpenAsync(string path, CancellationToken cancellationToken);

    /// <summary>What a folder holds, also in folders of it: names with <c>/</c>, and lengths in bytes; in no order.</summary>
    /// <param name="folder"><c>JOB/UUID</c>.</param>
    IAsyncEnumerable<(string Name, long Length)> ListAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Does what takes long of <see cref="PublishAsync"/>, before the transaction that makes the build visible.</summary>
    /// <param name="upload">Names the upload, for <see cref="DiscardAsync"/>.</param>
    ValueTask PrepareAsync(string stagedFolder, string upload, CancellationToken cancellationToken);

    /// <summary>Puts a folder in its place, durable when this returns. What is there is of a removed build or a killed upload, and goes.</summary>
    ValueTask PublishAsync(string stagedFolder, string upload, JobName job, BuildUuid build, CancellationToken cancellationToken);

    /// <summary>Removes what <see cref="PrepareAsync"/> did; published or not.</summary>
    ValueTask DiscardAsync(string upload, CancellationToken cancellationToken);

    /// <summary>A folder that is not there is no error.</summary>
    /// <param name="folder"><c>JOB/UUID</c>.</param>
    ValueTask RemoveAsync(string folder, CancellationToken cancellationToken);
}
