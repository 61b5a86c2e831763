using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Builder.Cli.Files;

/// <summary>
/// Opens a file that the command line names. A name is bytes to the system and text to .NET, which puts U+FFFD in place of what is not
/// UTF-8: the bytes are then taken from the kernel's copy of the arguments.
/// </summary>
internal static partial class NamedFile
{
    private const int LargestCommandLine = 16 << 20;

    /// <exception cref="IOException">It cannot be opened; the message names it.</exception>
    public static FileStream Open(string path)
    {
        if (path.Contains('\uFFFD', StringComparison.Ordinal) && !File.Exists(path))
            return new FileStream(OpenBytes(path), FileAccess.Read, bufferSize: 0);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
    }

    public static long Length(string path)
    {
        using var file = Open(path);
        return file.Length;
    }

    private static SafeFileHandle OpenBytes(string path)
    {
        const int ReadOnly = 0;
        // The same on Linux for x86-64 and arm64; there is no /proc/self/cmdline elsewhere.
        const int CloseOnExec = 0x80000;
        var name =
            BytesOf(path)
            ?? throw new IOException(
                $"could not find file '{path}'. If its name is not UTF-8, give it through standard input: builder … - < FILE"
            );
        var handle = OpenFile([.. name, 0], ReadOnly | CloseOnExec);
        if (!handle.IsInvalid)
            return handle;
        var reason = Marshal.GetLastPInvokeErrorMessage();
        handle.Dispose();
        throw new IOException($"could not open file '{path}': {reason}");
    }

    /// <summary>The only argument, or end of one behind <c>=</c>, that reads as this path; null where there is none, or several different.</summary>
    private static byte[]? BytesOf(string path)
    {
        var candidates = new List<byte[]>();
        foreach (var argument in Arguments())
        {
            var value = argument.AsSpan(argument.AsSpan().StartsWith("--"u8) ? argument.AsSpan().IndexOf((byte)'=') + 1 : 0);
            if (Encoding.UTF8.GetString(value) == path && !IsAmong(candidates, value))
                candidates.Add(value.ToArray());
        }
        return candidates is [var only] ? only : null;
    }

    private static bool IsAmong(List<byte[]> candidates, ReadOnlySpan<byte> value)
    {
        foreach (var candidate in candidates)
        {
            if (value.SequenceEqual(candidate))
                return true;
        }
        return false;
    }

    private static List<byte[]> Arguments()
    {
        try
        {
            using var file = File.OpenHandle("/proc/self/cmdline");
            var line = new byte[LargestCommandLine];
            var length = 0;
            int read;
            while (length < line.Length && (read = RandomAccess.Read(file, line.AsSpan(length), length)) > 0)
                length += read;
            var arguments = new List<byte[]>();
            foreach (var range in line.AsSpan(0, length).Split((byte)0))
                arguments.Add(line[range]);
            return arguments;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial SafeFileHandle OpenFile(byte[] path, int flags);
}
