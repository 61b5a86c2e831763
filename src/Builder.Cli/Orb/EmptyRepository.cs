using Builder.Analysis.Opam;

namespace Builder.Cli.Orb;

/// <summary>A repository without packages: a recorded switch brings its own, and no others may come in.</summary>
internal sealed class EmptyRepository : IDisposable
{
    private readonly string directory;

    private EmptyRepository(string directory) => this.directory = directory;

    /// <summary>With a name that a root has not had before.</summary>
    public OpamRepository Repository => new(Path.GetFileName(directory), directory);

    public static EmptyRepository Create()
    {
        var directory = Directory.CreateTempSubdirectory("builder-orb-").FullName;
        Directory.CreateDirectory(Path.Combine(directory, "packages"));
        File.WriteAllText(Path.Combine(directory, "repo"), "opam-version: \"2.0\"\n");
        return new EmptyRepository(directory);
    }

    /// <summary>Adds a package.</summary>
    public void Add(string name, string version, ReadOnlySpan<byte> opam)
    {
        var package = Path.Combine(directory, "packages", name, $"{name}.{version}");
        Directory.CreateDirectory(package);
        File.WriteAllBytes(Path.Combine(package, "opam"), opam);
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
