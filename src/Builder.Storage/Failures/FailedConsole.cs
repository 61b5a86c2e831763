using Builder.Analysis.Logs;

namespace Builder.Storage.Failures;

/// <summary>Looks for the first error in the console of a failed build.</summary>
internal static class FailedConsole
{
    /// <summary>
    /// In bytes: takes about a second. Whoever uploads a failed build waits until its console is read, so that all that is told of it has its first error.
    /// A longer one is read in the background, after the upload.
    /// </summary>
    public const long MaxAtUpload = 64L << 20;

    /// <summary>Null where nothing looks like an error.</summary>
    public static async Task<FirstError?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 0,
            FileOptions.Asynchronous
        );
        return await ReadAsync(stream, cancellationToken);
    }

    public static Task<FirstError?> ReadAsync(FileStream stream, CancellationToken cancellationToken) =>
        FirstErrorFinder.FindAsync(stream, cancellationToken, hasFailed: true);
}
