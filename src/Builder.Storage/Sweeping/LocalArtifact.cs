namespace Builder.Storage.Sweeping;

/// <summary>A file with the bytes of an artifact, for programs that take a path. It stays until this is disposed of.</summary>
public sealed class LocalArtifact : IDisposable
{
    private readonly IDisposable? held;
    private readonly string? folder;

    internal LocalArtifact(string path, IDisposable? held, string? folder) => (Path, this.held, this.folder) = (path, held, folder);

    public string Path { get; }

    public void Dispose()
    {
        if (folder is not null)
            Directory.Delete(folder, recursive: true);
        held?.Dispose();
    }
}
