using System.Text;
using Builder.Analysis.Drawing;
using Builder.Analysis.Elf;
using Builder.Analysis.Opam;
using Builder.Storage.Artifacts;
using Builder.Web.Builds;
using Builder.Web.Shared;

namespace Builder.Web.Pictures;

/// <summary>Draws what a build's binary is made of and what it depends on, or takes it from the cache.</summary>
internal sealed class PictureMaker(IArtifactStore store, PictureFiles files, ExpensiveWork expensive)
{
    private const int LargestSwitch = 16 * 1024 * 1024;

    /// <summary>The artifact that the treemap is drawn from; null where the build left none that could say.</summary>
    public static ArtifactFacts? TreemapSource(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts)
    {
        var symbols = artifacts.Where(artifact => artifact.Path.ToString().EndsWith(".debug", StringComparison.Ordinal)).ToList();
        if (build.Main is { } main && symbols.Find(artifact => FileName(artifact) == main.FileName + ".debug") is { } ofMain)
            return ofMain;
        return symbols is [var only] ? only : artifacts.FirstOrDefault(artifact => artifact.Path == build.Main?.Path);
    }

    public Task<Picture> TreemapAsync(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts, CancellationToken stop)
    {
        if (TreemapSource(build, artifacts) is not { } source)
            return Task.FromResult(Picture.None("This build left no binary."));
        // What is shown is what is shipped: the sizes are of the main binary, the names from its symbols.
        var stripped = build.Main is { } main && source.Hash != main.Hash ? main.Size : (long?)null;
        return MakeAsync("treemap", Treemap.Version, source, content => DrawTreemap(content, build.Main?.FileName ?? FileName(source), stripped), stop);
    }

    public Task<Picture> DependenciesAsync(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts, CancellationToken stop) =>
        artifacts.FirstOrDefault(artifact => artifact.Path.ToString() == "opam-switch") is { Size: <= LargestSwitch } source
            ? MakeAsync("dependencies", DependencyDrawing.Version, source, DrawDependencies, stop)
            : Task.FromResult(Picture.None("This build recorded no opam switch."));

    private async Task<Picture> MakeAsync(
        string kind, int version, ArtifactFacts source, Func<Stream, (string? Page, string? Reason)> draw, CancellationToken stop)
    {
        if (await files.ReadAsync(kind, version, source.Hash, stop) is { } known)
            return new Picture(known, null);
        using var turn = await expensive.EnterAsync(stop);
        if (!turn.IsGranted)
            return Picture.Busy;
        await using var content = await store.OpenAsync(source.Hash, stop);
        if (content is null)
            return Picture.None($"{source.Path} is no longer there.");
        var (page, reason) = await Task.Run(() => draw(content.Stream), stop);
        if (page is null)
            return Picture.None($"There is nothing to draw: {reason}");
        var drawn = Encoding.UTF8.GetBytes(page);
        await files.WriteAsync(kind, version, source.Hash, drawn, stop);
        return new Picture(drawn, null);
    }

    private static (string? Page, string? Reason) DrawTreemap(Stream content, string title, long? strippedSize) =>
        ElfFile.TryRead(content, out var file, out var reason)
            && Dissection.TryDissect(file, new DissectionOptions { StrippedSize = strippedSize }, out var dissection, out reason)
            ? (Treemap.Page(dissection, new TreemapOptions { Title = title }), null)
            : (null, reason);

    private static (string? Page, string? Reason) DrawDependencies(Stream content)
    {
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        if (!SwitchExport.TryParse(bytes, "opam-switch", out var export, out var error))
            return (null, error.Message);
        return DependencyGraph.TryCreate(export, out var graph, out var problem)
            ? (DependencyDrawing.Page(graph, new DependencyDrawingOptions()), null)
            : (null, problem);
    }

    private static string FileName(ArtifactFacts artifact)
    {
        var path = artifact.Path.ToString();
        return path[(path.LastIndexOf('/') + 1)..];
    }
}

/// <param name="Page">HTML; null where there is none.</param>
/// <param name="Reason">Why there is none.</param>
internal sealed record Picture(byte[]? Page, string? Reason)
{
    public static Picture Busy { get; } = new(null, null);

    public static Picture None(string reason) => new(null, reason);
}
