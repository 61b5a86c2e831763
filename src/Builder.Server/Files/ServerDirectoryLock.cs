using Builder.Posix;
using Builder.Server.Options;

namespace Builder.Server.Files;

/// <summary>The server's directory, for one server at a time.</summary>
internal static class ServerDirectoryLock
{
    /// <summary>Makes the directory where it is absent, and locks it until the file is disposed.</summary>
    /// <exception cref="IOException">The directory cannot be used; the message says why and what to do.</exception>
    public static FileStream Take(ServerDirectory directory)
    {
        Make(directory);
        try
        {
            return PrivateFiles.Open(directory.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(
                $"the server cannot write in its directory {directory.Path}: {exception.Message}; run it as the directory's owner, or choose another with --dir",
                exception
            );
        }
        catch (IOException exception) when (IsFull(exception))
        {
            throw;
        }
        catch (IOException exception) when (exception.Message.Contains("Read-only", StringComparison.OrdinalIgnoreCase))
        {
            throw new IOException(
                $"the server cannot write in its directory {directory.Path}: the file system is read-only; choose another with --dir",
                exception
            );
        }
        catch (IOException exception)
        {
            throw new IOException($"{directory.Path} is in use by another server: {exception.Message}", exception);
        }
    }

    /// <summary>ENOSPC or EDQUOT (errno(3)).</summary>
    public static bool IsFull(IOException error)
    {
        const int NoSpace = 28;
        var overQuota = OperatingSystem.IsLinux() ? 122 : 69;
        return (error.HResult & 0xffff) is var code && (code == NoSpace || code == overQuota)
            || error.InnerException is IOException inner && IsFull(inner);
    }

    private static void Make(ServerDirectory directory)
    {
        try
        {
            PrivateFiles.CreateDirectory(directory.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"the server's directory {directory.Path} cannot be made: {exception.Message}; choose another with --dir",
                exception
            );
        }
    }
}
