using System.Security.Cryptography;
using Builder.Analysis.Values;

namespace Builder.Cli.Download;

/// <summary>Files on this machine that may be the artifact, or that the site may have a patch for.</summary>
internal static class KnownFiles
{
    /// <summary>A content, its base and the patch are in memory together. Clients need not take larger ones (RFC 9842 section 5).</summary>
    public const long MaxPatched = 128L << 20;

    /// <summary>Each is hashed, and the site is asked about each.</summary>
    private const int MaxFiles = 8;

    private const int MaxLooked = 10_000;

    /// <summary>The likeliest first: a file that was given, then those of the artifact's name, then the newest.</summary>
    /// <param name="have">A file or a directory; null for none.</param>
    /// <param name="name">The artifact's.</param>
    /// <param name="length">The artifact's, in bytes. Of other lengths, only what can be patched counts.</param>
    public static IEnumerable<FileInfo> Find(string target, string? have, string name, long length)
    {
        var given = have is not null && !Directory.Exists(have) ? Followed(have) : null;
        IEnumerable<FileInfo> files = have is not null && given is null ? InDirectory(have) : [];
        if (File.Exists(target))
            files = files.Prepend(new FileInfo(target));
        if (given is not null)
            files = files.Prepend(given);
        return files
            .Where(file => file.Length > 0 && (file.Length == length || Math.Max(file.Length, length) <= MaxPatched))
            .DistinctBy(static file => file.FullName, StringComparer.Ordinal)
            .OrderByDescending(file => file == given)
            .ThenByDescending(file => file.Name == name || file.FullName == target)
            .ThenByDescending(static file => file.LastWriteTimeUtc)
            .Take(MaxFiles);
    }

    public static async Task<Sha256Digest> HashAsync(FileInfo known, CancellationToken cancellationToken)
    {
        await using var file = known.OpenRead();
        return Sha256Digest.FromBytes(await SHA256.HashDataAsync(file, cancellationToken));
    }

    /// <summary>A link has a length of its own.</summary>
    private static FileInfo Followed(string path) => (FileInfo?)File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);

    private static IEnumerable<FileInfo> InDirectory(string directory) =>
        new DirectoryInfo(directory)
            .EnumerateFiles(
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = true,
                    IgnoreInaccessible = true,
                    AttributesToSkip = FileAttributes.ReparsePoint,
                }
            )
            .Where(static file => !file.Name.EndsWith(".part", StringComparison.Ordinal))
            .Take(MaxLooked);
}
