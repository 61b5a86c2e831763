using System.Net.Sockets;

namespace Builder.Storage.Troubles;

/// <summary>The numbers of errno(3) that .NET passes on as the HResult of an <see cref="IOException"/>.</summary>
internal static class FileErrors
{
    private const int NotPermitted = 1;
    private const int InputOutput = 5;
    private const int AccessDenied = 13;
    private const int TooManyInSystem = 23;
    private const int TooManyInProcess = 24;
    private const int FileTooLarge = 27;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private static readonly int OverQuota = OperatingSystem.IsLinux() ? 122 : 69;

    /// <summary>Null for all that is no trouble of the machine.</summary>
    public static TroubleKind? KindOf(Exception error) =>
        error switch
        {
            SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } => TroubleKind.Descriptors,
            UnauthorizedAccessException => TroubleKind.Denied,
            IOException { HResult: NoSpace or FileTooLarge } => TroubleKind.DiskFull,
            IOException when error.HResult == OverQuota => TroubleKind.DiskFull,
            IOException { HResult: ReadOnlyFileSystem } => TroubleKind.ReadOnly,
            IOException { HResult: NotPermitted or AccessDenied } => TroubleKind.Denied,
            IOException { HResult: TooManyInProcess or TooManyInSystem } => TroubleKind.Descriptors,
            IOException { HResult: InputOutput } => TroubleKind.Disk,
            _ => null,
        };

    /// <summary>The path that .NET names in the message, between apostrophes; null where it names none.</summary>
    public static string? PathIn(string message)
    {
        var first = message.IndexOf('\'', StringComparison.Ordinal);
        var last = message.LastIndexOf('\'');
        return last > first + 1 ? message[(first + 1)..last] : null;
    }
}
