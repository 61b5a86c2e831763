using System.Security.Cryptography;

namespace Builder.Publishing.Targets;

/// <summary>Secrets of targets, each in a file of its own. No message shows the content.</summary>
internal static class TargetSecret
{
    private const int MaxBytes = 4096;
    private const string Prefix = "whsec_";
    private const int MinKey = 24;
    private const int MaxKey = 64;

    /// <summary>The file's first line.</summary>
    /// <param name="reason">What is wrong, and how to fix it.</param>
    public static string? Read(string path, out string reason)
    {
        reason = "";
        try
        {
            if ((File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
            {
                reason = $"{path} can be read by every user of this machine: chmod o-rwx {path}";
                return null;
            }
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var text = System.Text.Encoding.UTF8.GetString(bytes, 0, count).Trim();
            CryptographicOperations.ZeroMemory(bytes);
            if (count <= MaxBytes && text.Length > 0 && !text.Any(char.IsControl))
                return text;
            reason = $"{path} is empty, or has more than one line of at most {MaxBytes} bytes";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            reason = $"cannot read {path}: {exception.Message}";
        }
        return null;
    }

    /// <summary>A secret of Standard Webhooks: <c>whsec_</c> and base64 of 24 to 64 bytes.</summary>
    /// <param name="reason">What is wrong, and how to fix it.</param>
    public static byte[]? ReadKey(string path, out string reason)
    {
        if (Read(path, out reason) is not { } text)
            return null;
        var key = new byte[MaxBytes];
        if (
            text.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[Prefix.Length..], key, out var length)
            && length is >= MinKey and <= MaxKey
        )
            return key[..length];
        reason =
            $"{path} is not a secret of Standard Webhooks ({Prefix} and base64 of {MinKey} to {MaxKey} bytes): "
            + $"make one with (printf {Prefix}; openssl rand -base64 32) > {path}";
        return null;
    }
}
