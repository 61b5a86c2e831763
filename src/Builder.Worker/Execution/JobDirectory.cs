using System.Security.Cryptography;
using Builder.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Execution;

/// <summary>
/// A job's own place on disk: the empty directory it runs in, and next to that its temporary files where it has a sandbox. Gone
/// when disposed, whatever the job left in it.
/// </summary>
internal sealed class JobDirectory : IDisposable
{
    public const string ScriptName = "script.sh";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode Executable =
        OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>What a small job needs at least.</summary>
    private static readonly byte[] Trial = new byte[64 << 10];

    private readonly SafeFileHandle top;
    private SafeFileHandle? job;

    private JobDirectory(string path)
    {
        Top = path;
        top = DirectoryEntry.OpenDirectory(path);
    }

    /// <summary>What holds all of it.</summary>
    public string Top { get; }

    /// <summary>What the job sees.</summary>
    public string Path => System.IO.Path.Combine(Top, "job");

    public string Script => System.IO.Path.Combine(Path, ScriptName);

    /// <summary>The /tmp of a job in a sandbox: on disk, and gone with the job.</summary>
    public string Temporary => System.IO.Path.Combine(Top, "tmp");

    /// <summary>
    /// The job's directory by a descriptor that was opened before the job ran: a job without a sandbox may put something else at
    /// its path.
    /// </summary>
    public string PathByDescriptor => DirectoryEntry.PathOf(job ?? throw new InvalidOperationException("the directory is not complete"));

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
            // The trouble is reported already.
        }
    }

    /// <param name="parent">Made if absent.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static JobDirectory Create(string parent, ByteString script)
    {
        Directory.CreateDirectory(parent);
        var path = System.IO.Path.Combine(parent, $"builder-{NewName()}");
        Make(path);
        var directory = new JobDirectory(path);
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

    /// <summary>Makes the place for temporary files, and gives all of it to the user that the job will be.</summary>
    /// <param name="jobUser">Null where that is the worker's own.</param>
    public void PrepareForSandbox(uint? jobUser)
    {
        Make(Temporary);
        if (jobUser is not { } user)
            return;
        foreach (var path in (string[])[Path, Script, Temporary])
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
    private static string NewName() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static void Make(string path)
    {
        if (Posix.mkdir(Posix.Terminated(path), 0b111_000_000) != 0)
            throw Posix.LastError($"cannot make {path}");
    }
}
