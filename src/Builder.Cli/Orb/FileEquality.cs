using System.Security.Cryptography;

namespace Builder.Cli.Orb;

/// <summary>Compares two files by SHA-256.</summary>
internal static class FileEquality
{
    /// <returns>False where one of them is missing.</returns>
    public static async Task<bool> AreSameAsync(string left, string right, CancellationToken cancellationToken)
    {
        if (!File.Exists(left) || !File.Exists(right))
            return false;
        var (one, other) = (await HashAsync(left, cancellationToken), await HashAsync(right, cancellationToken));
        return one.AsSpan().SequenceEqual(other);
    }

    private static async Task<byte[]> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return await SHA256.HashDataAsync(file, cancellationToken);
    }
}
