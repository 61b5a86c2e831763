using System.Text;
using Builder.Analysis.Drawing;
using Builder.Analysis.Elf;
using Builder.Storage.Artifacts;
using Builder.Web.Builds;
using Builder.Web.Shared;

namespace Builder.Web.Pictures;

/// <summary>Draws what a build's binary is made of, or takes it from the cache.</summary>
internal sealed class PictureMaker(IArtifactStore store, PictureFiles files, ExpensiveWork expensive)
{
    /// <summary>The artifact that the treemap is drawn from; null where the build left none that could say.</summary>
    public static ArtifactFacts? TreemapSource(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts)
    {
        var symbols = artifacts.Where(artifact => artifact.Path.ToString().EndsWith(".debug", StringComparison.Ordinal)).ToList();
        if (build.Main is { } main && symbols.Find(artifact => FileName(artifact) == main.FileName + ".debug") is { } ofMain)
            return ofMain;
        return symbols is [var only] ? only : artifacts.FirstOrDefault(artifact => artifact.Path == build.Main?.Path);
    }

    public async Task<Picture> TreemapAsync(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts, CancellationToken stop)
    {
        const string kind = "treemap";
        if (TreemapSource(build, artifacts) is not { } source)
            return Picture.None("This build left no binary.");
        if (await files.ReadAsync(kind, Treemap.Version, source.Hash, stop) is { } known)
            return new Picture(known, null);
        using var turn = await expensive.EnterAsync(stop);
        if (!turn.IsGranted)
            return Picture.Busy;
        await using var content = await store.OpenAsync(source.Hash, stop);
        if (content is null)
            return Picture.None("The binary is no longer there.");
        // What is shown is what is shipped: the sizes are of the main binary, the names from its symbols.
        var stripped = build.Main is { } main && source.Hash != main.Hash ? main.Size : (long?)null;
        var (drawn, reason) = await Task.Run(() => Draw(content.Stream, build.Main?.FileName ?? FileName(source), stripped), stop);
        if (drawn is null)
            return Picture.None($"There is nothing to draw: {reason}.");
        await files.WriteAsync(kind, Treemap.Version, source.Hash, drawn, stop);
        return new Picture(drawn, null);
    }

    private static (byte[]? Page, string? Reason) Draw(Stream stream, string title, long? strippedSize)
    {
        if (!ElfFile.TryRead(stream, out var file, out var reason)
            || !Dissection.TryDissect(file, new DissectionOptions { StrippedSize = strippedSize }, out var dissection, out reason))
        {
            return (null, reason);
        }
        return (Encoding.UTF8.GetBytes(Treemap.Page(dissection, new TreemapOptions { Title = title })), null);
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
