using System.IO.Compression;
using System.Security.Cryptography;
using Builder.Publishing.Archives;
using Builder.Publishing.Files;

namespace Builder.Publishing.Debian;

/// <summary>
/// Writes <c>Packages</c>, <c>Packages.gz</c> and <c>Packages.xz</c> of an architecture, each also under its hash. Two
/// architectures with the same packages share the files, and packing is done once.
/// </summary>
internal sealed class IndexWriter(string distribution)
{
    /// <summary>5,000 paragraphs of 4 MB: level 1 takes 0.4 s for 873 kB, level 6 takes 2.5 s for 661 kB (most of it hashes, which do not pack).</summary>
    private const string XzLevel = "-1";

    /// <summary>A header without times and names, an empty block, checksum and length 0.</summary>
    private static readonly byte[] EmptyGzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly Dictionary<string, (string Folder, IndexFile[] Files)> written = [];

    public static string FolderOf(string architecture) => $"main/binary-{architecture}";

    public async Task<IndexFile[]> WriteAsync(string architecture, PackagesIndex index, CancellationToken cancellationToken)
    {
        var folder = FolderOf(architecture);
        Directory.CreateDirectory(Full(folder));
        var sha256 = await HashAsync(index, cancellationToken);
        if (written.TryGetValue(sha256, out var same))
            return Share(same.Folder, same.Files, folder);
        var plain = await PackAsync(
            folder,
            "Packages",
            (destination, _) => index.WriteAsync(destination, cancellationToken),
            cancellationToken
        );
        var packed = await Task.WhenAll(
            PackAsync(folder, "Packages.gz", (destination, source) => GzipAsync(source, destination, cancellationToken), cancellationToken),
            PackAsync(folder, "Packages.xz", (destination, source) => XzAsync(source, destination, cancellationToken), cancellationToken)
        );
        IndexFile[] files = [plain, .. packed];
        foreach (var file in files)
            LinkByHash(file);
        written.Add(plain.Sha256, (folder, files));
        return files;
    }

    /// <summary>The files of an architecture in which nothing changed; their hashes are those of the previous <c>Release</c>.</summary>
    public IndexFile[] Keep(string architecture, string previous, IReadOnlyList<IndexFile> previousFiles)
    {
        var folder = FolderOf(architecture);
        Directory.CreateDirectory(Full(folder));
        IndexFile[] files = [.. previousFiles.Where(file => Path.GetDirectoryName(file.Path) == folder)];
        foreach (var file in files)
        {
            Durable.HardLink(Path.Combine(previous, file.Path), Full(file.Path));
            LinkByHash(file);
        }
        return files;
    }

    /// <summary>
    /// Keeps reachable under their hashes what earlier snapshots offered, as long as a client may be in the middle of an update.
    /// The time of such a file is when it was last replaced.
    /// </summary>
    public void KeepByHash(string architecture, string previous, IReadOnlySet<string> liveUntilNow, DateTimeOffset now, TimeSpan time)
    {
        var old = new DirectoryInfo(Path.Combine(previous, FolderOf(architecture), "by-hash", "SHA256"));
        foreach (var file in old.Exists ? old.EnumerateFiles() : [])
        {
            var kept = Path.Combine(Full(FolderOf(architecture)), "by-hash", "SHA256", file.Name);
            if (File.Exists(kept))
                continue;
            if (liveUntilNow.Contains(file.Name))
                file.LastWriteTimeUtc = now.UtcDateTime;
            if (now - file.LastWriteTimeUtc <= time)
                Durable.HardLink(file.FullName, kept);
        }
    }

    private IndexFile[] Share(string from, IndexFile[] files, string folder)
    {
        foreach (var file in files)
            Durable.HardLink(Full(file.Path), Path.Combine(Full(folder), Path.GetFileName(file.Path)));
        IndexFile[] shared = [.. files.Select(file => file with { Path = folder + file.Path[from.Length..] })];
        foreach (var file in shared)
            LinkByHash(file);
        return shared;
    }

    private void LinkByHash(IndexFile file)
    {
        var folder = Path.Combine(Full(Path.GetDirectoryName(file.Path)!), "by-hash", "SHA256");
        Directory.CreateDirectory(folder);
        var link = Path.Combine(folder, file.Sha256);
        if (!File.Exists(link))
            Durable.HardLink(Full(file.Path), link);
    }

    private async Task<IndexFile> PackAsync(
        string folder,
        string name,
        Func<Stream, string, Task> write,
        CancellationToken cancellationToken
    )
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(
            Path.Combine(Full(folder), name),
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.Read,
            1 << 16
        );
        var hashing = new HashingStream(file, sum);
        await write(hashing, Path.Combine(Full(folder), "Packages"));
        await file.FlushAsync(cancellationToken);
        file.Flush(flushToDisk: true);
        return new IndexFile($"{folder}/{name}", hashing.Count, Convert.ToHexStringLower(sum.GetHashAndReset()));
    }

    private static async Task<string> HashAsync(PackagesIndex index, CancellationToken cancellationToken)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await index.WriteAsync(new HashingStream(Stream.Null, sum), cancellationToken);
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    private static async Task GzipAsync(string source, Stream destination, CancellationToken cancellationToken)
    {
        await using var plain = File.OpenRead(source);
        if (plain.Length == 0)
        {
            // .NET writes nothing at all for nothing, which is no gzip file (RFC 1952, 2.2: at least one member).
            await destination.WriteAsync(EmptyGzip, cancellationToken);
            return;
        }
        await using var packing = new GZipStream(destination, CompressionLevel.Optimal, leaveOpen: true);
        await plain.CopyToAsync(packing, cancellationToken);
    }

    private static Task XzAsync(string source, Stream destination, CancellationToken cancellationToken) =>
        Tool.CopyThroughAsync(
            "xz",
            ["--compress", "--stdout", "--quiet", "--threads=1", XzLevel, "--", source],
            destination,
            cancellationToken
        );

    private string Full(string relative) => Path.Combine(distribution, relative);
}
