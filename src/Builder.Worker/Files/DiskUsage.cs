using System.Text;

namespace Builder.Worker.Files;

/// <summary>How many bytes a tree of files takes on disk, as du(1) counts: blocks, not lengths, links not followed.</summary>
internal static class DiskUsage
{
    /// <param name="enough">Counting ends above this.</param>
    public static long Of(string directory, long enough, CancellationToken cancellationToken)
    {
        var sum = 0L;
        var open = new Stack<byte[]>([Encoding.UTF8.GetBytes(directory)]);
        while (sum <= enough && open.TryPop(out var path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<DirectoryEntry> entries;
            try
            {
                entries = DirectoryEntry.In(path);
            }
            catch (IOException)
            {
                continue; // removed meanwhile, or closed to the worker, or too deep for a path
            }
            foreach (var entry in entries)
            {
                sum += entry.BytesOnDisk;
                if (entry.Kind == EntryKind.Directory)
                    open.Push(DirectoryEntry.Join(path, entry.Name));
            }
        }
        return sum;
    }
}
