using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Builder.Publishing.Archives;
using Builder.Publishing.Files;

namespace Builder.Publishing.Debian;

/// <summary>
/// Reads a distribution back as it was written, before clients get it: hashes and sizes that <c>Release</c> vouches for, the
/// signed text, each paragraph of the changed indices, and the packages that they name.
/// </summary>
internal sealed class IndexCheck(string root, string built, DistributionEdit edit)
{
    /// <summary>Paragraphs of earlier versions of this program that apt or dpkg cannot read: name and reason.</summary>
    public SortedDictionary<string, string> Unreadable { get; } = new(StringComparer.Ordinal);

    /// <exception cref="RepositoryException">What was written is not what was meant.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var release = await File.ReadAllBytesAsync(Path.Combine(built, "Release"), cancellationToken);
        var files = ReleaseFile.Files(Encoding.UTF8.GetString(release));
        CheckSigned(await File.ReadAllBytesAsync(Path.Combine(built, "InRelease"), cancellationToken), release);
        if (
            !(await File.ReadAllBytesAsync(Path.Combine(built, "Release.gpg"), cancellationToken))
                .AsSpan()
                .StartsWith("-----BEGIN PGP SIGNATURE-----\n"u8)
        )
            throw Mismatch("Release.gpg is no OpenPGP signature");
        foreach (var file in files)
            await CheckFileAsync(file, cancellationToken);
        foreach (var (architecture, index) in edit.Indices)
        {
            var folder = IndexWriter.FolderOf(architecture);
            if (files.Count(file => Path.GetDirectoryName(file.Path) == folder) != 3)
                throw Mismatch($"Release does not name the three indices of {architecture}");
            if (edit.Changed.Contains(architecture))
                await CheckIndexAsync(folder, index, files, cancellationToken);
        }
    }

    private static void CheckSigned(byte[] signed, byte[] release)
    {
        // RFC 9580, 7: a line, headers, an empty line, the text, the signature. No line of ours begins with a hyphen, so none is escaped.
        var start = signed.AsSpan().IndexOf("\n\n"u8) + 2;
        if (
            !signed.AsSpan().StartsWith("-----BEGIN PGP SIGNED MESSAGE-----\n"u8)
            || start < 2
            || !signed.AsSpan(start).StartsWith(release)
            || !signed.AsSpan(start + release.Length).TrimStart((byte)'\n').StartsWith("-----BEGIN PGP SIGNATURE-----\n"u8)
        )
            throw Mismatch("InRelease does not hold what Release says");
    }

    private async Task CheckFileAsync(IndexFile file, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(Path.Combine(built, file.Path));
        if (content.Length != file.Size || Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)) != file.Sha256)
            throw Mismatch($"{file.Path} is not what Release says");
    }

    private async Task CheckIndexAsync(
        string folder,
        PackagesIndex meant,
        IReadOnlyList<IndexFile> files,
        CancellationToken cancellationToken
    )
    {
        var plain = files.Single(file => file.Path == $"{folder}/Packages");
        foreach (var ending in (string[])[".gz", ".xz"])
            await CheckPackedAsync(folder, ending, plain, cancellationToken);
        var read = await PackagesIndex.ReadAsync(Path.Combine(built, folder, "Packages"), cancellationToken);
        if (
            !read
                .Entries.Select(entry => (entry.Name, entry.Version))
                .SequenceEqual(meant.Entries.Select(entry => (entry.Name, entry.Version)))
        )
            throw Mismatch($"{folder}/Packages does not hold the packages that it must");
        foreach (var entry in read.Entries)
            await CheckEntryAsync(entry, cancellationToken);
    }

    private async Task CheckPackedAsync(string folder, string ending, IndexFile plain, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(Path.Combine(built, folder, $"Packages{ending}"), options: FileOptions.Asynchronous);
        var section = new FileSection(file, 0, RandomAccess.GetLength(file));
        await using Stream unpacked = ending == ".gz" ? new CheckedGzipStream(section) : UnpackerStream.Xz(section);
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var counted = new HashingStream(Stream.Null, sum);
        try
        {
            await unpacked.CopyToAsync(counted, cancellationToken);
        }
        catch (Exception exception) when (Decompression.IsBrokenInput(exception))
        {
            throw Mismatch($"{folder}/Packages{ending} {exception.Message}");
        }
        if (Convert.ToHexStringLower(sum.GetHashAndReset()) != plain.Sha256)
            throw Mismatch($"{folder}/Packages{ending} does not unpack to Packages");
    }

    private async Task CheckEntryAsync(IndexEntry entry, CancellationToken cancellationToken)
    {
        var fileName = entry.Field("Filename: "u8);
        try
        {
            var control = ControlFile.Parse(entry.Paragraph[..^1].ToArray());
            if (control.Package != entry.Name || control.Version != entry.Version || control.Value("Filename") != fileName)
                throw new PackageException("its fields are read in two ways");
        }
        catch (PackageException exception) when (!edit.Fresh.Contains(fileName))
        {
            Unreadable[entry.Name] = exception.Message;
            return;
        }
        catch (PackageException exception)
        {
            throw Mismatch($"the paragraph of {entry.Name} cannot be read: {exception.Message}");
        }
        if (!fileName.StartsWith("pool/", StringComparison.Ordinal) || fileName.Split('/').Contains(".."))
            throw Mismatch($"{entry.Name} names a file outside of pool/: \"{fileName}\"");
        var file = new FileInfo(Path.Combine(root, fileName));
        if (!file.Exists || file.Length.ToString(CultureInfo.InvariantCulture) != entry.Field("Size: "u8))
            throw Mismatch(
                $"{fileName} is missing or has not the size of the index; builder repo remove {edit.Distribution} {entry.Name} takes it out"
            );
        if (edit.Fresh.Contains(fileName))
        {
            await using var content = file.OpenRead();
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)) != entry.Field("SHA256: "u8))
                throw Mismatch($"{fileName} has not the hash of the index");
        }
    }

    private static RepositoryException Mismatch(string what) =>
        new($"read back before it went live, the new state is not what it must be, and clients keep the old one: {what}");
}
