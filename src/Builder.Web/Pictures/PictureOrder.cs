using System.Text;
using Builder.Analysis.Drawing;
using Builder.Analysis.Elf;
using Builder.Analysis.Opam;
using Builder.Web.Builds;
using Builder.Web.Html;

namespace Builder.Web.Pictures;

/// <summary>A picture that a build can have: what it is drawn from, and how.</summary>
/// <param name="Kind">As the folders of the cache begin.</param>
/// <param name="Version">Of the drawing.</param>
/// <param name="Shown">What else the picture shows beside its source: builds that share symbols may differ in it.</param>
/// <param name="Draw">Gives a page, or the reason why there is none.</param>
internal sealed record PictureOrder(
    string Kind,
    int Version,
    ArtifactFacts Source,
    string Shown,
    Func<Stream, (string? Page, string? Reason)> Draw
)
{
    private const int LargestSwitch = 16 * 1024 * 1024;

    /// <summary>Whether the cache keeps it. One of many that a source can have is drawn each time.</summary>
    public bool IsKept { get; init; } = true;

    /// <summary>Stands at the end of a picture of ours, so that one of the same source for another build is not taken for it.</summary>
    public byte[] Mark => Shown.Length == 0 ? [] : Encoding.UTF8.GetBytes($"\n<!-- {Href.Segment(Shown)} -->\n");

    /// <summary>What the binary is made of; null where the build left none that could say.</summary>
    public static PictureOrder? Treemap(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts)
    {
        if (TreemapSource(build, artifacts) is not { } source)
            return null;
        // What is shown is what is shipped: the sizes are of the main binary, the names from its symbols.
        var stripped = build.Main is { } main && source.Hash != main.Hash ? main.Size : (long?)null;
        var title = build.Main?.FileName ?? FileName(source);
        return new PictureOrder(
            "treemap",
            Analysis.Drawing.Treemap.Version,
            source,
            $"{title} {stripped}",
            content => DrawTreemap(content, title, stripped)
        );
    }

    /// <summary>What the build depends on; null where it recorded no opam switch.</summary>
    public static PictureOrder? Dependencies(IReadOnlyList<ArtifactFacts> artifacts) => Dependencies(artifacts, root: null);

    /// <param name="root">Draws what this root reaches, of several; null for all together.</param>
    public static PictureOrder? Dependencies(IReadOnlyList<ArtifactFacts> artifacts, string? root) =>
        artifacts.FirstOrDefault(artifact => artifact.Path.ToString() == "opam-switch") is { Size: <= LargestSwitch } source
            ? new PictureOrder("dependencies", DependencyDrawing.Version, source, "", content => DrawDependencies(content, root))
            {
                IsKept = root is null,
            }
            : null;

    /// <summary>The artifact that says what the main binary is made of: its symbols, else the only symbols there are, else itself.</summary>
    public static ArtifactFacts? TreemapSource(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts)
    {
        var symbols = artifacts.Where(artifact => artifact.Path.ToString().EndsWith(".debug", StringComparison.Ordinal)).ToList();
        if (build.Main is { } main && symbols.Find(artifact => FileName(artifact) == main.FileName + ".debug") is { } ofMain)
            return ofMain;
        return symbols is [var only] ? only : artifacts.FirstOrDefault(artifact => artifact.Path == build.Main?.Path);
    }

    private static (string? Page, string? Reason) DrawTreemap(Stream content, string title, long? strippedSize) =>
        ElfFile.TryRead(content, out var file, out var reason)
        && Dissection.TryDissect(file, new DissectionOptions { StrippedSize = strippedSize }, out var dissection, out reason)
            ? (Analysis.Drawing.Treemap.Page(dissection, new TreemapOptions { Title = title }), null)
            : (null, reason);

    private static (string? Page, string? Reason) DrawDependencies(Stream content, string? root)
    {
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        if (!SwitchExport.TryParse(bytes, "opam-switch", out var export, out var error))
            return (null, error.Message);
        var restricted = export;
        if (root is not null && !export.TryRestrict(root, out restricted, out var unknown))
            return (null, unknown);
        var options = new DependencyDrawingOptions { LinkedRoots = [.. export.Roots.Select(one => one.Name.ToString()).Distinct()] };
        return DependencyGraph.TryCreate(restricted, out var graph, out var problem)
            ? (DependencyDrawing.Page(graph, options), null)
            : (null, problem);
    }

    private static string FileName(ArtifactFacts artifact)
    {
        var path = artifact.Path.ToString();
        return path[(path.LastIndexOf('/') + 1)..];
    }
}
