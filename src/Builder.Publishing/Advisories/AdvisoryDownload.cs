using System.Text;
using Builder.Analysis.Advisories;
using Builder.Publishing.Outgoing;
using Builder.Storage.Files;
using Builder.Storage.Index;

namespace Builder.Publishing.Advisories;

/// <summary>Imports advisories from an address, when they changed: a zip archive as OSV and Git hosts serve it, or one file.</summary>
public sealed class AdvisoryDownload(DataDirectory directory, OutgoingDownload download)
{
    public const long MaxLength = 128L << 20;

    private const int MaxTag = 500;

    /// <param name="problem">Called with each file that is no advisory though it should be; the message names it.</param>
    /// <returns>Null where nothing has changed since the last time.</returns>
    /// <exception cref="IOException">It cannot be fetched; the message names the address and why.</exception>
    /// <exception cref="AdvisoryException">It is neither an archive nor an advisory, or holds more than is read.</exception>
    public async Task<AdvisoryImport?> ImportAsync(Uri address, Action<string> problem, CancellationToken cancellationToken)
    {
        var root = Path.Combine(directory.Root, AdvisoryStore.FolderName);
        Directory.CreateDirectory(root);
        var tagFile = Path.Combine(
            root,
            $".source-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(address.AbsoluteUri)))[..16]}"
        );
        var partial = $"{tagFile}.{Path.GetRandomFileName()}";
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            await using var file = new FileStream(partial, options);
            var (isNew, tag) = await download.FetchAsync(address, ReadTag(tagFile), MaxLength, file, cancellationToken);
            if (!isNew)
                return null;
            var problems = 0;
            var read = Read(
                file,
                address,
                text =>
                {
                    problems++;
                    problem(text);
                }
            );
            if (read.Count == 0)
                throw new AdvisoryException($"{address} holds no advisory: no *.md of the OCaml security team and no *.json of OSV");
            var (changed, withdrawn) = await AdvisoryStore.ImportAsync(directory, read, cancellationToken);
            WriteTag(tagFile, tag);
            return new AdvisoryImport(read.Count, changed, withdrawn, problems);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static AdvisoryCollection Read(Stream file, Uri address, Action<string> problem)
    {
        file.Position = 0;
        var magic = new byte[4];
        var isArchive = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == 4 && magic.AsSpan().StartsWith("PK"u8);
        file.Position = 0;
        var name = address.AbsoluteUri;
        if (isArchive)
            return AdvisoryFiles.ReadArchive(file, name, problem);
        var collection = new AdvisoryCollection(problem, keepsSources: true);
        collection.Add(file, name);
        return collection;
    }

    private static string? ReadTag(string path) =>
        File.Exists(path) && new FileInfo(path).Length <= MaxTag && File.ReadAllText(path) is { Length: > 0 } tag ? tag : null;

    // Lost, it costs one more download.
    private static void WriteTag(string path, string? tag)
    {
        if (tag is { Length: <= MaxTag })
            File.WriteAllText(path, tag);
        else
            File.Delete(path);
    }
}
