using System.IO.Compression;

namespace Builder.Analysis.Advisories;

/// <summary>Reads advisories from a directory, a zip archive or a single file: <c>*.md</c> of the OCaml security team, <c>*.json</c> of OSV.</summary>
public static class AdvisoryFiles
{
    /// <param name="problem">Called with each file that is no advisory though it should be; the message names it.</param>
    /// <exception cref="IOException">The path cannot be read.</exception>
    /// <exception cref="AdvisoryException">The path holds more than is read, or is a broken archive.</exception>
    public static AdvisoryCollection Read(string path, Action<string> problem, bool keepsSources = false)
    {
        var collection = new AdvisoryCollection(problem, keepsSources);
        if (Directory.Exists(path))
            ReadDirectory(path, collection);
        else if (path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            ReadArchive(path, collection);
        else
            ReadFile(path, path, collection);
        return collection;
    }

    /// <summary>From a zip archive that was downloaded.</summary>
    /// <inheritdoc cref="Read"/>
    public static AdvisoryCollection ReadArchive(Stream archive, string name, Action<string> problem)
    {
        var collection = new AdvisoryCollection(problem, keepsSources: true);
        ReadArchive(archive, name, collection);
        return collection;
    }

    private static void ReadDirectory(string directory, AdvisoryCollection collection)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = false,
        };
        foreach (var file in Directory.EnumerateFiles(directory, "*", options).Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
                ReadArchive(file, collection);
            else if (AdvisoryCollection.IsCandidate(file))
                ReadFile(file, Path.GetRelativePath(directory, file), collection);
        }
    }

    private static void ReadFile(string path, string name, AdvisoryCollection collection)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        collection.Add(file, name);
    }

    private static void ReadArchive(string path, AdvisoryCollection collection)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        ReadArchive(file, path, collection);
    }

    private static void ReadArchive(Stream file, string name, AdvisoryCollection collection)
    {
        try
        {
            if (ZipDirectory.Count(file, AdvisoryLimits.MaxFiles) > AdvisoryLimits.MaxFiles)
                throw new AdvisoryException($"{name}: more than {AdvisoryLimits.MaxFiles} entries");
            using var archive = new ZipArchive(file, ZipArchiveMode.Read);
            foreach (var entry in archive.Entries.Where(static entry => AdvisoryCollection.IsCandidate(entry.FullName)))
            {
                using var content = entry.Open();
                collection.Add(content, $"{name}:{entry.FullName}");
            }
        }
        catch (InvalidDataException exception)
        {
            throw new AdvisoryException($"{name}: not a zip archive that can be read: {exception.Message}");
        }
    }
}
