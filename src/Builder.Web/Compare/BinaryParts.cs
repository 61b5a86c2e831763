using System.Collections.Concurrent;
using System.Collections.Immutable;
using Builder.Analysis.Elf;
using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Web.Builds;
using Builder.Web.Http;
using Builder.Web.Pictures;

namespace Builder.Web.Compare;

/// <summary>What main binaries are made of, by module. Contents never change, so those compared lately are taken apart once.</summary>
internal sealed class BinaryParts(IArtifactStore store, ExpensiveWork expensive)
{
    private const int MaxRemembered = 48;

    private readonly ConcurrentDictionary<(Sha256Digest Source, long? Stripped), Parts> known = new();

    public async ValueTask<Parts> FindAsync(BuildFacts build, IReadOnlyList<ArtifactFacts> artifacts, CancellationToken cancellationToken)
    {
        if (build.Main is not { } main)
            return new Parts([], "it has no main binary");
        if (PictureOrder.TreemapSource(build, artifacts) is not { } source)
            return new Parts([], "it left nothing that says what its main binary is made of");
        var stripped = source.Hash != main.Hash ? main.Size : (long?)null;
        if (known.TryGetValue((source.Hash, stripped), out var parts))
            return parts;
        await using var content = await store.OpenAsync(source.Hash, cancellationToken);
        if (content is null)
            return new Parts([], $"{source.Path} is no longer there");
        parts = await expensive.RunAsync(() => Task.FromResult(Dissect(content.Stream, source.Path.ToString(), stripped)));
        if (known.Count >= MaxRemembered)
            known.Clear();
        known[(source.Hash, stripped)] = parts;
        return parts;
    }

    private static Parts Dissect(Stream content, string name, long? stripped) =>
        ElfFile.TryRead(content, out var file, out var reason)
        && Dissection.TryDissect(file, new DissectionOptions { StrippedSize = stripped }, out var dissection, out reason)
            ? new Parts(PartSizes.Of(dissection), null)
            : new Parts([], $"{name} cannot be taken apart ({reason})");

    /// <param name="Reason">Why nothing is known, to follow "of the left build".</param>
    public sealed record Parts(ImmutableArray<PartSize> Sizes, string? Reason);
}
