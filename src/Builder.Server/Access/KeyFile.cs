using System.Globalization;
using System.Text;
using Builder.Protocol.Values;
using Builder.Server.Files;

namespace Builder.Server.Access;

/// <summary>
/// A key's file: <c>check CRC-32C</c> of all that follows, <c>sha256 HEX</c>, <c>created TIME</c>, <c>platform NAME</c> for each that it is for, and <c>may WORD</c> for each thing that it may.
/// Without its check a flipped bit could turn a key for one platform into one for all. Files of earlier versions have none.
/// </summary>
internal static class KeyFile
{
    private const string Check = "check ";
    private const int MaxFileSize = 1 << 20;

    public static byte[] Encode(
        string sha256,
        DateTimeOffset created,
        IReadOnlyList<Platform> platforms,
        IReadOnlyList<ClientPermission> permissions
    )
    {
        var lines = new List<string> { $"sha256 {sha256}", $"created {created.ToString("O", CultureInfo.InvariantCulture)}" };
        lines.AddRange(platforms.Select(platform => $"platform {platform}"));
        lines.AddRange(permissions.Select(permission => $"may {ClientPermissions.NameOf(permission)}"));
        var content = string.Join('\n', lines) + "\n";
        return Encoding.UTF8.GetBytes($"{Check}{Crc32C.Of(Encoding.UTF8.GetBytes(content)):x8}\n{content}");
    }

    /// <exception cref="DamagedFileException">It is not what was written.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static KeyFields Read(string path)
    {
        var bytes = ReadBounded(path);
        var start = 0;
        if (bytes.AsSpan().StartsWith(Encoding.ASCII.GetBytes(Check)))
        {
            start = bytes.AsSpan().IndexOf((byte)'\n') + 1;
            var expected = $"{Check}{Crc32C.Of(bytes.AsSpan(start)):x8}\n";
            if (Encoding.UTF8.GetString(bytes.AsSpan(0, start)) != expected)
                throw new DamagedFileException(path, 0, "the checksum does not match");
        }
        return ReadFields(path, bytes, start);
    }

    private static KeyFields ReadFields(string path, byte[] bytes, int start)
    {
        string? sha256 = null;
        DateTimeOffset? created = null;
        var platforms = new List<string>();
        var permissions = new List<ClientPermission>();
        while (start < bytes.Length)
        {
            var length = bytes.AsSpan(start).IndexOf((byte)'\n');
            var line = Encoding.UTF8.GetString(bytes, start, length < 0 ? bytes.Length - start : length);
            var isKnown = line.Split(' ', 2) switch
            {
                ["sha256", { Length: 64 } hex] when sha256 is null && hex.All(char.IsAsciiHexDigitLower) => (sha256 = hex) is not null,
                ["created", var text] when created is null && TryTime(text, out var time) => (created = time) is not null,
                ["platform", var text] when Platform.TryParse(text, out var platform, out _) => Add(platform),
                ["may", var text] when ClientPermissions.TryParse(text, out var permission) => Allow(permission),
                _ => false,
            };
            if (!isKnown || length < 0)
                throw new DamagedFileException(path, start, "the line is not one of a key");
            start += length + 1;
        }
        if (sha256 is null || created is null)
            throw new DamagedFileException(path, bytes.Length, "lines are missing");
        return new KeyFields(sha256, created.Value, platforms, permissions);

        bool Add(Platform platform)
        {
            platforms.Add(platform.Value);
            return true;
        }

        bool Allow(ClientPermission permission)
        {
            permissions.Add(permission);
            return true;
        }
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    private static byte[] ReadBounded(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[Math.Min(file.Length, MaxFileSize)];
        file.ReadExactly(bytes);
        return file.Length > MaxFileSize ? throw new DamagedFileException(path, MaxFileSize, "it is too long for a key") : bytes;
    }

    internal sealed record KeyFields(
        string Sha256,
        DateTimeOffset Created,
        IReadOnlyList<string> Platforms,
        IReadOnlyList<ClientPermission> Permissions
    );
}
