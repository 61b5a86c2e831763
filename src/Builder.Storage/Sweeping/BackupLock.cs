using Builder.Posix;
using Builder.Storage.Files;

namespace Builder.Storage.Sweeping;

/// <summary>Held by a backup while it copies, so that nobody deletes the files it has yet to come to; ends with its process.</summary>
internal static class BackupLock
{
    /// <summary>Null where a backup runs, or for a backup where files are just being deleted.</summary>
    public static FileStream? TryTake(DataDirectory directory, bool isBackup)
    {
        try
        {
            // Several backups may run side by side; a sweep runs alone. Reading is enough to lock: the file may be another user's.
            var share = isBackup ? FileShare.Read : FileShare.None;
            return PrivateFiles.Open(Path.Combine(directory.Root, "_backup.lock"), FileMode.OpenOrCreate, FileAccess.Read, share);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
