using Builder.Storage.Troubles;

namespace Builder.Web.Monitoring;

/// <summary>One trouble from its beginning to its end.</summary>
/// <param name="began">A timestamp of the system's clock.</param>
internal sealed class PresentTrouble(StorageTrouble trouble, long began)
{
    /// <summary>That much more than there was left: a small file finds its place on a disk that the next upload fills again.</summary>
    private const long EnoughInBytes = 1 << 20;

    private int failures;
    private long? room;

    public StorageTrouble Trouble => trouble;

    public long Began => began;

    public int Failures => Volatile.Read(ref failures);

    public void Count() => Interlocked.Increment(ref failures);

    /// <summary>Whether somebody made room since this was first asked.</summary>
    public bool HasMoreRoom(long bytes)
    {
        room ??= bytes;
        return bytes >= room + EnoughInBytes;
    }
}
