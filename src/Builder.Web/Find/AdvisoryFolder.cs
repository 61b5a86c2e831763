using Builder.Analysis.Advisories;
using Builder.Storage.Files;
using Builder.Storage.Index;

namespace Builder.Web.Find;

/// <summary>
/// The advisories of this site: files in <c>_advisories</c> of the data directory, put there by <c>builder advisories import</c>. They are read
/// again when the directory changes, at most every few seconds.
/// </summary>
internal sealed partial class AdvisoryFolder(DataDirectory directory, TimeProvider clock, ILogger<AdvisoryFolder> log) : IDisposable
{
    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim writing = new(1, 1);
    private AdvisoryList list = AdvisoryList.Empty;
    private long checkedAt;
    private bool wasChecked;

    private string Root => Path.Combine(directory.Root, AdvisoryStore.FolderName);

    /// <summary>As they are now.</summary>
    public AdvisoryList Current
    {
        get
        {
            lock (gate)
            {
                if (wasChecked && clock.GetElapsedTime(checkedAt) < MinAge)
                    return list;
                (checkedAt, wasChecked) = (clock.GetTimestamp(), true);
                var stamp = Directory.Exists(Root) ? Directory.GetLastWriteTimeUtc(Root).Ticks : 0;
                if (stamp != list.Stamp)
                    list = Read(stamp);
                return list;
            }
        }
    }

    /// <summary>The next page shows it.</summary>
    public async Task DismissAsync(Dismissal dismissal, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await AdvisoryStore.DismissAsync(directory, dismissal, cancellationToken);
        }
        finally
        {
            writing.Release();
        }
        lock (gate)
            wasChecked = false;
    }

    public void Dispose() => writing.Dispose();

    private AdvisoryList Read(long stamp)
    {
        if (stamp == 0)
            return AdvisoryList.Empty;
        try
        {
            return new AdvisoryList(
                stamp,
                [
                    .. AdvisoryFiles
                        .Read(Root, Unreadable)
                        .Advisories.OrderByDescending(static advisory => advisory.Id, StringComparer.Ordinal),
                ],
                AdvisoryStore.ReadDismissals(Root)
            );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or AdvisoryException)
        {
            Unreadable(exception.Message);
            return list;
        }
    }

    [LoggerMessage(LogLevel.Warning, "An advisory cannot be read: {reason}")]
    private partial void Unreadable(string reason);
}
