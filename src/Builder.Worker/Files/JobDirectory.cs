using System.Security.Cryptography;
using Builder.Protocol.Values;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Files;

/// <summary>
/// A job's own place on disk: the empty directory it runs in, and next to that its temporary files where it has a sandbox. Gone
/// when disposed, whatever the job left in it.
/// </summary>
internal sealed class JobDirectory : IDisposable
{
    public const string ScriptName = "script.sh";

    /// <summary>Names the directory with what an earlier build recorded, for a job that repeats it.</summary>
    public const string RecordedVariable = "BUILDER_RECORDED";

    private const string Prefix = "builder-job-";
    private const int NameLength = 32;
    private const int LOCK_SH = 1;
    private const int LOCK_EX = 2;
    private const int LOCK_NB = 4;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_UID = 0x8;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode Executable =
        OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>What a small job needs at least.</summary>
    private static readonly byte[] Trial = new byte[64 << 10];

    private readonly SafeFileHandle top;
    private SafeFileHandle? job;

    private JobDirectory(string path, SafeFileHandle top)
    {
        Top = path;
        this.top = top;
    }

    /// <summary>What holds all of it.</summary>
    public string Top { get; }

    /// <summary>What the job sees.</summary>
    public string Path => System.IO.Path.Combine(Top, "job");

    public string Script => System.IO.Path.Combine(Path, ScriptName);

    /// <summary>The /tmp of a job in a sandbox: on disk, and gone with the job.</summary>
    public string Temporary => System.IO.Path.Combine(Top, "tmp");

    /// <summary>Where what a job writes over a tree of its own goes.</summary>
    public string Layer => System.IO.Path.Combine(Top, "layer");

    /// <summary>Where the job's directory is seen with its files in another order.</summary>
    public string Ordered => System.IO.Path.Combine(Top, "ordered");

    /// <summary>What an earlier build recorded of its inputs, for reading; null where the job repeats none.</summary>
    public string? Recorded { get; private set; }

    /// <summary>
    /// The job's directory by a descriptor that was opened before the job ran: a job without a sandbox may put something else at
    /// its path.
    /// </summary>
    public string PathByDescriptor => DirectoryEntry.PathOf(job ?? throw new InvalidOperationException("the directory is not complete"));

    /// <summary>After the job, which may have closed the directory to its owner: only root would get into it then.</summary>
    public void Reopen() => File.SetUnixFileMode(PathByDescriptor, OwnerOnly);

    /// <summary>
    /// Tries to write a little. A worker whose disk is full would fail every job at once, and so be the first to ask for the next: it would empty the queue before others get a job.
    /// </summary>
    /// <exception cref="NoRoomException">It cannot be done; the message says why.</exception>
    public static void CheckRoom(string parent)
    {
        // Made anew under a name that nobody can have guessed, so no link of another user is followed.
        var trial = System.IO.Path.Combine(parent, $"builder-room-{NewName()}");
        try
        {
            Directory.CreateDirectory(parent);
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var file = new FileStream(trial, options))
                file.Write(Trial);
            File.Delete(trial);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            RemoveIfThere(trial);
            throw new NoRoomException(exception.Message);
        }
    }

    private static void RemoveIfThere(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The trouble is reported already.
        }
    }

    /// <param name="parent">Made if absent.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static JobDirectory Create(string parent, ByteString script)
    {
        Directory.CreateDirectory(parent);
        var directory = Make(parent);
        try
        {
            Directory.CreateDirectory(directory.Path, Executable);
            directory.job = DirectoryEntry.OpenDirectory(directory.Path);
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

    /// <param name="files">By file name; none for a job that repeats nothing.</param>
    public void WriteRecorded(IReadOnlyDictionary<string, ByteString> files)
    {
        if (files.Count == 0)
            return;
        var recorded = System.IO.Path.Combine(Top, "recorded");
        Directory.CreateDirectory(recorded, Executable);
        foreach (var (name, content) in files)
        {
            var path = System.IO.Path.Combine(recorded, System.IO.Path.GetFileName(name));
            File.WriteAllBytes(path, content.Span);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
        // Whatever the umask.
        File.SetUnixFileMode(recorded, Executable);
        Recorded = recorded;
    }

    /// <summary>Keeps a job's directory from being taken for one that nobody has any more, until the handle is closed.</summary>
    /// <returns>Null where it is gone, or something else is in its place.</returns>
    public static SafeFileHandle? Hold(string path)
    {
        var descriptor = Posix.open(Posix.Terminated(path), Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW | Posix.O_CLOEXEC);
        if (descriptor < 0)
            return null;
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        _ = Posix.flock(handle, LOCK_SH); // a file system without locks: there nobody removes what is left, either
        return handle;
    }

    /// <summary>
    /// Removes what jobs left whose worker and supervisor were killed together. Those of other workers are in use, which a lock
    /// shows that goes with its processes.
    /// </summary>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public static void RemoveLeft(string parent)
    {
        if (!Directory.Exists(parent))
            return;
        foreach (var path in Directory.EnumerateDirectories(parent, Prefix + new string('?', NameLength)).ToList())
        {
            var descriptor = Posix.open(Posix.Terminated(path), Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW | Posix.O_CLOEXEC);
            if (descriptor < 0)
                continue; // another user's, or removed by another worker that has just started
            using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
            if (IsOwn(handle) && Posix.flock(handle, LOCK_EX | LOCK_NB) == 0)
                DirectoryRemoval.Remove(path, handle);
        }
    }

    private static unsafe bool IsOwn(SafeFileHandle handle)
    {
        Posix.StatX status;
        return Posix.statx((int)handle.DangerousGetHandle(), [0], AT_EMPTY_PATH, STATX_UID, &status) == 0 && status.User == Posix.geteuid();
    }

    /// <summary>Makes the place for temporary files, and gives all of it to the user that the job will be.</summary>
    /// <param name="jobUser">Null where that is the worker's own.</param>
    /// <param name="isOrdered">Makes <see cref="Ordered"/> as well.</param>
    public void PrepareForSandbox(uint? jobUser, bool isOrdered = false)
    {
        MakeDirectory(Temporary);
        if (isOrdered)
            MakeDirectory(Ordered);
        if (jobUser is not { } user)
            return;
        foreach (var path in (string[])[Path, Script, Temporary, .. isOrdered ? [Ordered] : (string[])[]])
        {
            if (Posix.chown(Posix.Terminated(path), user, user) != 0)
                throw Posix.LastError($"cannot give {path} to user {user}");
        }
        // The job's user passes through and sees no names here.
        File.SetUnixFileMode(Top, OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(Path, OwnerOnly);
    }

    /// <summary>Removes everything.</summary>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public void Dispose()
    {
        job?.Dispose();
        if (top.IsClosed)
            return;
        using (top)
            DirectoryRemoval.Remove(Top, top);
    }

    /// <summary>32 random digits.</summary>
    private static string NewName() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameLength / 2));

    /// <summary>Once more, should a worker that has just started have removed it before it was held.</summary>
    private static JobDirectory Make(string parent)
    {
        const int Tries = 10;
        for (var i = 0; i < Tries; i++)
        {
            var path = System.IO.Path.Combine(parent, Prefix + NewName());
            MakeDirectory(path);
            var handle = Hold(path);
            if (handle is not null && Directory.Exists(path))
                return new JobDirectory(path, handle);
            handle?.Dispose();
        }
        throw new IOException($"cannot make a directory in {parent}: each one is gone before it is held");
    }

    private static void MakeDirectory(string path)
    {
        if (Posix.mkdir(Posix.Terminated(path), 0b111_000_000) != 0)
            throw Posix.LastError($"cannot make {path}");
    }
}
