using Builder.Protocol.Values;

namespace Builder.Worker.Roots;

/// <summary>The directory tree that jobs see as their root directory. Jobs never write to it.</summary>
internal sealed class RootTree
{
    private TreeReading reading;

    private RootTree(string path, TreeReading reading)
    {
        Path = path;
        this.reading = reading;
    }

    public string Path { get; }

    public JobRoot Identity => JobRoot.OfTree(reading.Sha256);

    /// <summary>Reads all of it, which takes about a second a gigabyte.</summary>
    /// <exception cref="IOException">It is no tree for jobs, or cannot be read; the message says what to do.</exception>
    public static RootTree Open(string path, CancellationToken cancellationToken)
    {
        path = System.IO.Path.GetFullPath(path).TrimEnd('/');
        if (path.Length == 0)
            throw new IOException(
                "--root /: this is the machine's own root directory; leave out --root, or make a tree: builder root make"
            );
        if (!Directory.Exists(path))
            throw new IOException($"--root {path}: there is no such directory; make one: builder root make debian-12 {path}");
        return new RootTree(path, TreeReader.Read(path, cancellationToken));
    }

    /// <summary>Reads it again where anything in it was changed since it was read last, by the times of change of all its entries.</summary>
    /// <returns>What it was before; null where nothing was changed.</returns>
    /// <exception cref="RootChangedException">It cannot be read any more.</exception>
    public JobRoot? Follow(CancellationToken cancellationToken)
    {
        if (!HasChanged(cancellationToken))
            return null;
        var before = Identity;
        try
        {
            reading = TreeReader.Read(Path, cancellationToken);
        }
        catch (IOException exception)
        {
            throw new RootChangedException(exception.Message);
        }
        return before;
    }

    /// <exception cref="RootChangedException">Something in it was changed since it was read last.</exception>
    public void ThrowIfChanged(CancellationToken cancellationToken)
    {
        if (HasChanged(cancellationToken))
            throw new RootChangedException(
                $"{Path} was changed while a worker used it; the server queues the job again. Stop the worker before you change its tree"
            );
    }

    private bool HasChanged(CancellationToken cancellationToken)
    {
        try
        {
            return TreeReader.ReadState(Path, cancellationToken) != reading.State;
        }
        catch (IOException exception)
        {
            throw new RootChangedException(exception.Message);
        }
    }

    /// <summary>A program as a job finds it; null where the tree has none of this name.</summary>
    public string? FindProgram(string name) =>
        Array.Find(
            [$"/usr/bin/{name}", $"/bin/{name}", $"/usr/sbin/{name}", $"/sbin/{name}"],
            program => new FileInfo(Path + program) is { Exists: true, LinkTarget: null }
        );
}
