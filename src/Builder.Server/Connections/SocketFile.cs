using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Builder.Server.Connections;

/// <summary>The file of a local socket, which a server that was killed leaves behind.</summary>
internal static partial class SocketFile
{
    private static readonly int ReadOnlyWithoutWaiting = OperatingSystem.IsLinux() ? 0x80000 | 0x800 : 0x100000 | 0x4;

    /// <summary>What opening a socket as a file comes to: ENXIO, on FreeBSD EOPNOTSUPP.</summary>
    private static readonly int IsNoFile = OperatingSystem.IsLinux() ? 6 : 45;

    /// <summary>Removes a socket that nobody listens on any more; nothing else is ever removed.</summary>
    /// <exception cref="IOException">It is no socket, or one that somebody listens on.</exception>
    public static void RemoveLeftover(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            return;
        if (!IsSocket(path))
            throw new IOException($"cannot listen on {path}: there is something else than a socket; name another place, or move it away");
        using var caller = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            caller.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException exception)
        {
            throw new IOException($"cannot listen on {path}: {exception.Message}", exception);
        }
        throw new IOException($"cannot listen on {path}: another server does");
    }

    private static bool IsSocket(string path)
    {
        var descriptor = Open(path, ReadOnlyWithoutWaiting);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError() == IsNoFile;
        _ = Close(descriptor);
        return false;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
