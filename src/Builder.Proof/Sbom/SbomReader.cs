using System.Collections.Immutable;
using System.Text;
using Builder.Analysis.Comparison;
using Builder.Analysis.Elf;
using Builder.Analysis.Opam;
using Builder.Analysis.Packages;
using Builder.Analysis.Values;

namespace Builder.Proof.Sbom;

/// <summary>Reads from the artifacts of a build what its SBOM says: opam-switch, system-packages, build-inputs, the main binary and its symbols.</summary>
/// <param name="open">A seekable content by its hash, which the reader closes; null where it is gone.</param>
/// <param name="cache">Keeps what was read, for the next builds; null for none.</param>
public sealed class SbomReader(Func<Sha256Digest, CancellationToken, ValueTask<Stream?>> open, SbomPartCache? cache = null)
{
    /// <summary>In bytes. Larger lists are left out.</summary>
    public const int MaxListSize = 4 * 1024 * 1024;

    /// <summary>In bytes. A larger switch is left out.</summary>
    public const int MaxSwitchSize = 16 * 1024 * 1024;

    private const int MaxInputs = 100_000;

    /// <param name="build">What the database knows of it.</param>
    /// <param name="artifacts">All artifacts of the build.</param>
    public async Task<SbomBuild> ReadAsync(SbomBuild build, IReadOnlyList<SbomArtifact> artifacts, CancellationToken cancellationToken)
    {
        var packages = await ContentAsync(artifacts, "system-packages", MaxListSize, cancellationToken);
        var inputs = await ContentAsync(artifacts, "build-inputs", MaxListSize, cancellationToken);
        return build with
        {
            Switch = await SwitchAsync(artifacts, cancellationToken),
            SystemPackages = [.. RecordedLists.SystemPackages(packages) ?? []],
            Inputs = ReadInputs(inputs),
            Unikernel = await ReadAsync(
                build.Main.Hash,
                static stream => Solo5.TryRead(stream, out var solo5, out _) ? solo5 : null,
                cancellationToken
            ),
            Linked = SymbolsOf(build.Main, artifacts) is { } symbols ? await ReadAsync(symbols.Hash, ReadModules, cancellationToken) : null,
        };
    }

    /// <summary>The symbols of the main binary, else the only symbols there are, else the main binary itself.</summary>
    private static SbomArtifact? SymbolsOf(SbomFile main, IReadOnlyList<SbomArtifact> artifacts)
    {
        var symbols = artifacts.Where(artifact => artifact.Path.EndsWith(".debug", StringComparison.Ordinal)).ToList();
        return symbols.Find(artifact => FileName(artifact.Path) == FileName(main.Name) + ".debug")
            ?? (symbols is [var only] ? only : artifacts.FirstOrDefault(artifact => artifact.Path == main.Name));
    }

    private static LinkedModules? ReadModules(Stream stream) =>
        ElfFile.TryRead(stream, out var file, out _) && Dissection.TryDissect(file, DissectionOptions.Default, out var dissection, out _)
            ? LinkedModules.Of(dissection.Units) is { IsEmpty: false } modules
                ? modules
                : null
            : null;

    /// <summary>Lines of <c>HASH  NAME</c>, as sha256sum writes them; others are left out.</summary>
    private static ImmutableArray<SbomFile> ReadInputs(byte[]? text)
    {
        const int HashLength = 64;
        var files = new List<SbomFile>();
        foreach (var line in Encoding.UTF8.GetString(text ?? []).Split('\n', MaxInputs).Select(line => line.TrimEnd('\r')))
        {
            if (line.Length > HashLength + 2 && line[HashLength] == ' ' && Sha256Digest.TryParse(line[..HashLength], out var hash))
                files.Add(new SbomFile(line[(HashLength + 1)..].TrimStart('*', ' '), hash, null));
        }
        return [.. files.Distinct().OrderBy(file => file.Name, StringComparer.Ordinal).ThenBy(file => file.Hash)];
    }

    private async ValueTask<SwitchExport?> SwitchAsync(IReadOnlyList<SbomArtifact> artifacts, CancellationToken cancellationToken)
    {
        if (artifacts.FirstOrDefault(static artifact => artifact.Path == "opam-switch") is not { } artifact)
            return null;
        return cache is null ? await ParseAsync() : await cache.GetAsync(artifact.Hash, ParseAsync);

        async ValueTask<SwitchExport?> ParseAsync() =>
            await ContentAsync(artifacts, "opam-switch", MaxSwitchSize, cancellationToken) is { } bytes
            && SwitchExport.TryParse(bytes, "opam-switch", out var export, out _)
                ? export
                : null;
    }

    private async Task<byte[]?> ContentAsync(
        IReadOnlyList<SbomArtifact> artifacts,
        string name,
        int maxSize,
        CancellationToken cancellationToken
    )
    {
        if (artifacts.FirstOrDefault(artifact => artifact.Path == name) is not { } artifact || artifact.Size > maxSize)
            return null;
        await using var stream = await open(artifact.Hash, cancellationToken);
        // One of another length is damaged.
        if (stream is null || stream.Length != artifact.Size)
            return null;
        var bytes = new byte[artifact.Size];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private async Task<T?> ReadAsync<T>(Sha256Digest hash, Func<Stream, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        return cache is null ? await OpenAsync() : await cache.GetAsync(hash, OpenAsync);

        async ValueTask<T?> OpenAsync()
        {
            await using var stream = await open(hash, cancellationToken);
            return stream is null ? null : read(stream);
        }
    }

    private static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
