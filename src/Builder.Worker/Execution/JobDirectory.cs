using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Builder.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Execution;

/// <summary>
/// A job's own place on disk: the empty directory it runs in, and next to that what is not the job's. Gone when disposed,
/// whatever the job left in it.
/// </summary>
internal sealed class JobDirectory : IDisposable
{
    public const string ScriptName = "script.sh";

    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>What a small job needs at least.</summary>
    private static readonly byte[] Trial = new byte[64 << 10];

    private JobDirectory(string top) => Top = top;

    /// <summary>What holds all of it.</summary>
    public string Top { get; }

    /// <summary>What the job sees.</summary>
    public string Path => System.IO.Path.Combine(Top, "job");

    public string Script => System.IO.Path.Combine(Path, ScriptName);

    public string ConsolePipe => System.IO.Path.Combine(Top, "console");

    /// <summary>Where a sandbox says what became of it.</summary>
    public string StatusFile => System.IO.Path.Combine(Top, "status");

    /// <summary>
    /// Tries to write a little. A worker whose disk is full would fail every job at once, and so be the first to ask for the next: it would empty the queue before others get a job.
    /// </summary>
    /// <exception cref="NoRoomException">It cannot be done; the message says why.</exception>
    public static void CheckRoom(string parent)
    {
        var trial = System.IO.Path.Combine(parent, $"builder-room-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(parent);
            File.WriteAllBytes(trial, Trial);
            File.Delete(trial);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            RemoveIfThere(trial);
            throw new NoRoomException(error.Message);
        }
    }

    private static void RemoveIfThere(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The trouble is reported already; the next trial writes over it.
        }
    }

    /// <param name="parent">Made if absent.</param>
    public static JobDirectory Create(string parent, ByteString script)
    {
        Directory.CreateDirectory(parent);
        string top;
        do
            top = System.IO.Path.Combine(parent, $"builder-{Random.Shared.Next(1 << 24):x6}");
        while (Directory.Exists(top) || File.Exists(top));
        Directory.CreateDirectory(top, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var directory = new JobDirectory(top);
        try
        {
            Directory.CreateDirectory(directory.Path, Executable);
            File.WriteAllBytes(directory.Script, script.Span);
            File.SetUnixFileMode(directory.Script, Executable);
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Removes everything. Directories are moved up to the top before they are emptied, so that no depth is too deep and no
    /// path too long; names of any bytes and directories without permissions are no obstacle.
    /// </summary>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public void Dispose() => Remove(Top);

    /// <inheritdoc cref="Dispose"/>
    /// <param name="top">May be gone already.</param>
    public static void Remove(string top)
    {
        var descriptor = Posix.open(Posix.Terminated(top), Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW | Posix.O_CLOEXEC);
        if (descriptor < 0)
        {
            if (Marshal.GetLastPInvokeError() == Posix.ENOENT)
                return;
            throw Posix.LastError($"cannot remove {top}");
        }
        using (var handle = new SafeFileHandle(descriptor, ownsHandle: true))
            Empty(top, handle);
        try
        {
            Directory.Delete(top);
        }
        catch (DirectoryNotFoundException)
        {
            // The worker and its supervisor, when they lose each other, both clean up.
        }
    }

    private static void Empty(string top, SafeFileHandle handle)
    {
        const int RemoveDirectory = 0x200;
        var topBytes = Encoding.UTF8.GetBytes(top);
        var moved = 0;
        var directories = new Stack<byte[]>();
        EmptyOne([]);
        while (directories.TryPop(out var directory))
        {
            EmptyOne(directory);
            Check(Posix.unlinkat(handle, Posix.Terminated(directory), RemoveDirectory));
        }

        void EmptyOne(byte[] directory)
        {
            foreach (var entry in DirectoryEntry.In(directory.Length == 0 ? topBytes : DirectoryEntry.Join(topBytes, directory)))
            {
                var name = Posix.Terminated(directory.Length == 0 ? entry.Name : DirectoryEntry.Join(directory, entry.Name));
                if (entry.Kind != EntryKind.Directory)
                {
                    Check(Posix.unlinkat(handle, name, 0));
                    continue;
                }
                var place = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"removed-{moved++}"));
                Check(Posix.fchmodat(handle, name, 0b111_000_000, 0));
                Check(Posix.renameat(handle, name, handle, Posix.Terminated(place)));
                directories.Push(place);
            }
        }

        void Check(int result)
        {
            if (result != 0 && Marshal.GetLastPInvokeError() != Posix.ENOENT)
                throw Posix.LastError($"cannot remove {top}");
        }
    }
}
