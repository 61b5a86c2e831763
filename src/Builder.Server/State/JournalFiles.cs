using System.Globalization;

namespace Builder.Server.State;

/// <summary>
/// The files of a journal: <c>snapshot-N</c> holds the state before the first event of <c>log-N</c>. What is older than the newest
/// snapshot is of no use any more.
/// </summary>
internal sealed class JournalFiles(string directory)
{
    public string Directory { get; } = directory;

    public string SnapshotPath(long number) => Path.Combine(Directory, $"snapshot-{number:D10}");

    public string LogPath(long number) => Path.Combine(Directory, $"log-{number:D10}");

    /// <summary>Numbers of the snapshots there are, ascending.</summary>
    public long[] Snapshots() => Numbers("snapshot-");

    /// <summary>Numbers of the logs there are, ascending.</summary>
    public long[] Logs() => Numbers("log-");

    public void RemoveOlderThan(long number)
    {
        foreach (var old in Snapshots().Where(snapshot => snapshot < number))
            File.Delete(SnapshotPath(old));
        foreach (var old in Logs().Where(log => log < number))
            File.Delete(LogPath(old));
        foreach (var unfinished in System.IO.Directory.EnumerateFiles(Directory, "*.tmp").ToArray())
            File.Delete(unfinished);
    }

    private long[] Numbers(string prefix) =>
        [
            .. System
                .IO.Directory.EnumerateFiles(Directory, prefix + "*")
                .Select(path => Path.GetFileName(path)[prefix.Length..])
                .Where(rest => rest.Length == 10 && rest.All(char.IsAsciiDigit))
                .Select(rest => long.Parse(rest, CultureInfo.InvariantCulture))
                .Order(),
        ];
}
