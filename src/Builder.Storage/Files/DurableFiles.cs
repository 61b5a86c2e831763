using Builder.Posix;

namespace Builder.Storage.Files;

/// <summary>
/// Every change to the data directory's files goes through here, durable when it returns: a rename counts only once the
/// directory it happened in is on disk.
/// </summary>
/// <param name="beforeStep">Called before each single change with what it will be; tests end the program here.</param>
internal sealed class DurableFiles(Action<string>? beforeStep = null)
{
    /// <summary>A point between changes that is worth a crash of its own, such as the end of a transaction.</summary>
    public void Step(string what) => beforeStep?.Invoke(what);

    public void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(path)!;
        CreateDirectory(parent);
        Step($"create directory {path}");
        try
        {
            PrivateFiles.CreateDirectory(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new IOException($"{path} is a file, where a directory is needed");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot create the directory {path}: see that the user who runs this may write in {parent}", exception);
        }
        FlushDirectory(parent);
    }

    /// <summary>Creates an empty file for writing; the writer flushes it with <see cref="FlushAsync(FileStream, CancellationToken)"/>.</summary>
    public FileStream Create(string path)
    {
        Step($"create file {path}");
        return PrivateFiles.Open(
            path,
            FileMode.CreateNew,
            share: FileShare.Read,
            bufferSize: 128 * 1024,
            options: FileOptions.Asynchronous
        );
    }

    public async ValueTask FlushAsync(FileStream file, CancellationToken cancellationToken)
    {
        await file.FlushAsync(cancellationToken);
        Step($"flush file {file.Name}");
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }

    /// <summary>A file that was written and closed before.</summary>
    public async ValueTask FlushAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        await FlushAsync(file, cancellationToken);
    }

    /// <summary>Renames a file or directory within the file system; an existing file is replaced.</summary>
    public void Move(string from, string to)
    {
        Step($"move {from} to {to}");
        // A link is moved itself, wherever it leads.
        if (Directory.Exists(from))
            Directory.Move(from, to);
        else
            File.Move(from, to, overwrite: true);
        // The old name may come back after a power failure, the new one not be lost.
        var target = Path.GetDirectoryName(to)!;
        Step($"flush directory {target}");
        FlushDirectory(target);
    }

    /// <summary>A file that is not there is no error.</summary>
    public void DeleteFile(string path)
    {
        if (!File.Exists(path))
            return;
        Step($"delete file {path}");
        File.Delete(path);
        FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>A directory that is not there is no error; links in it are removed, not followed.</summary>
    /// <param name="isDurable">False for what is deleted again wherever it comes back.</param>
    public void DeleteDirectory(string path, bool isDurable = true)
    {
        if (!Directory.Exists(path))
            return;
        Step($"delete directory {path}");
        Directory.Delete(path, recursive: true);
        if (isDurable)
            FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes the directory only where nothing is in it.</summary>
    public void DeleteDirectoryIfEmpty(string path)
    {
        if (Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any())
            DeleteDirectory(path);
    }

    public static void FlushDirectory(string path) => DurableDirectory.Flush(path);
}
