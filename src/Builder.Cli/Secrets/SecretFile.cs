using System.Text;
using Builder.Cli.Errors;
using Builder.Cli.Files;
using Builder.Cli.Text;
using Builder.Protocol.Values;

namespace Builder.Cli.Secrets;

/// <summary>Reads passwords, keys and connection strings from files, with the same rules for all: no message shows the content.</summary>
internal static class SecretFile
{
    /// <summary>A secret is short: a longer file is a mistake, such as a device or a log.</summary>
    public const int MaxBytes = 4096;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The content without one newline at its end; never empty.</summary>
    /// <param name="source">What names the file, such as <c>--key-file</c>.</param>
    /// <param name="warn">Gets a line where every user of the machine may read the file.</param>
    /// <exception cref="CommandException">It cannot be read, is empty or too long.</exception>
    public static ByteString Read(string source, string path, Action<string> warn)
    {
        var label = $"{source} \"{Printable.Of(path)}\"";
        var bytes = ReadBytes(label, path, warn);
        var secret = bytes.AsMemory(0, LengthWithoutNewline(bytes));
        return secret.Length switch
        {
            0 => throw new CommandException($"{label} is empty"),
            > MaxBytes => throw new CommandException($"{label} is longer than {MaxBytes} bytes, which is no secret"),
            _ => new ByteString(secret),
        };
    }

    /// <summary>As <see cref="Read"/>, as text.</summary>
    /// <exception cref="CommandException">It cannot be read, is empty, too long or not UTF-8.</exception>
    public static string ReadText(string source, string path, Action<string> warn)
    {
        try
        {
            return StrictUtf8.GetString(Read(source, path, warn).Span);
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException($"{source} \"{Printable.Of(path)}\" is not UTF-8");
        }
    }

    /// <summary>A key of <c>builder worker-key add</c> or <c>admin-key add</c>; blanks around it are not part of it.</summary>
    /// <exception cref="CommandException">It cannot be read, is empty or too long.</exception>
    public static ByteString ReadKey(string source, string path)
    {
        var key = Read(source, path, Warning.Show);
        var start = 0;
        var end = key.Length;
        while (start < end && IsBlank(key.Span[start]))
            start++;
        while (start < end && IsBlank(key.Span[end - 1]))
            end--;
        return start < end
            ? new ByteString(key.Span[start..end].ToArray())
            : throw new CommandException($"{source} \"{Printable.Of(path)}\" does not hold a key: it is blank");
    }

    private static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    private static byte[] ReadBytes(string label, string path, Action<string> warn)
    {
        try
        {
            if (Directory.Exists(path))
                throw new IOException("it is a directory");
            using var file = NamedFile.Open(path);
            if (IsOpenToAll(file))
                warn($"{label} can be read by every user of this machine: chmod o-rwx");
            // One byte more than may be there, with a newline of two.
            var bytes = new byte[MaxBytes + 3];
            return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"cannot read {label}: no such file or directory");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException($"cannot read {label}: permission denied");
        }
        catch (IOException exception)
        {
            throw new CommandException($"cannot read {label}: {exception.Message}");
        }
    }

    /// <summary>Pipes and terminals have modes too, which say nothing: what they carry is read once.</summary>
    private static bool IsOpenToAll(FileStream file) =>
        file.CanSeek && (File.GetUnixFileMode(file.SafeFileHandle) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0;

    private static int LengthWithoutNewline(ReadOnlySpan<byte> bytes) =>
        bytes is [.., (byte)'\r', (byte)'\n'] ? bytes.Length - 2
        : bytes is [.., (byte)'\n'] ? bytes.Length - 1
        : bytes.Length;
}
