using System.Runtime.InteropServices;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Isolation;

/// <summary>
/// Small settings are copied into a sandbox: each mount in their place takes bubblewrap a third of a millisecond. Only what everybody
/// may read is copied, as the worker may be root; all else is mounted and keeps its owner and its permissions.
/// </summary>
internal static class SettingsCopy
{
    private const int MaxBytes = 128 * 1024;
    private const int MaxEntriesOfDirectory = 16;
    private const int MaxDepth = 4;

    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_BASIC_STATS = 0x7ff;
    private const int S_IFMT = 0xF000;
    private const int S_IFDIR = 0x4000;
    private const int S_IFREG = 0x8000;
    private const int ReadByOthers = 0b100;
    private const int ReadAndPassByOthers = 0b101;
    private const int Executable = 0b001_001_001;

    /// <returns>How bubblewrap makes the copy; null where the path is to be mounted, or does not exist.</returns>
    public static IReadOnlyList<string>? Arguments(string path, IReadOnlyCollection<string> hidden, SandboxInputs inputs)
    {
        var part = new Part(hidden, SandboxInputs.Max - inputs.Handles.Count);
        try
        {
            if (!part.Add(path, MaxDepth))
                return null;
            foreach (var file in part.Files)
                part.Words.AddRange("--perms", file.Mode, "--file", inputs.Add(file.Handle), file.Path);
            part.Files.Clear();
            return part.Words;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // changed at this moment: bubblewrap says what is wrong with it
        }
        finally
        {
            part.Files.ForEach(file => file.Handle.Dispose());
        }
    }

    /// <summary>One of the settings: a file, or a directory with what is in it.</summary>
    private sealed class Part(IReadOnlyCollection<string> hidden, int maxFiles)
    {
        private long bytes;
        private int entries;

        public List<string> Words { get; } = [];

        public List<(string Path, string Mode, SafeFileHandle Handle)> Files { get; } = [];

        /// <returns>False where it is not for a copy.</returns>
        public bool Add(string path, int depth)
        {
            // Not blocking: a pipe is no setting, and its open would wait for ever.
            var descriptor = Posix.open(Posix.Terminated(path), Posix.O_RDONLY | Posix.O_NONBLOCK | Posix.O_CLOEXEC);
            if (descriptor < 0)
                return false;
            var handle = new SafeFileHandle(descriptor, ownsHandle: true);
            var (mode, size) = Status(handle);
            if ((mode & S_IFMT) == S_IFREG && (mode & ReadByOthers) != 0 && (bytes += size) <= MaxBytes && Files.Count < maxFiles)
            {
                Files.Add((path, (mode & Executable) == 0 ? "0444" : "0555", handle));
                return true;
            }
            handle.Dispose();
            return (mode & S_IFMT) == S_IFDIR
                && (mode & ReadAndPassByOthers) == ReadAndPassByOthers
                && depth > 0
                && AddDirectory(path, depth - 1);
        }

        private bool AddDirectory(string path, int depth)
        {
            Words.AddRange("--dir", path);
            foreach (
                var entry in new DirectoryInfo(path).EnumerateFileSystemInfos(
                    "*",
                    new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false }
                )
            )
            {
                if (++entries > MaxEntriesOfDirectory || entry.Name.Contains('\uFFFD', StringComparison.Ordinal)) // a name that is not UTF-8
                    return false;
                if (hidden.Contains(entry.FullName))
                    continue;
                if (entry.LinkTarget is { } target)
                    Words.AddRange("--symlink", target, entry.FullName);
                else if (!Add(entry.FullName, depth))
                    return false;
            }
            return true;
        }

        private static unsafe (int Mode, long Size) Status(SafeFileHandle handle)
        {
            Posix.StatX status;
            return Posix.statx((int)handle.DangerousGetHandle(), [0], AT_EMPTY_PATH, STATX_BASIC_STATS, &status) == 0
                ? (status.Mode, (long)status.Size)
                : throw Posix.Error("cannot tell what a setting is", Marshal.GetLastPInvokeError());
        }
    }
}
