using System.Text;
using Builder.Analysis.Advisories;
using Builder.Analysis.Elf;
using Builder.Analysis.Opam;
using Builder.Storage.Artifacts;

namespace Builder.Storage.Index;

/// <summary>Reads what an artifact says of the contents of its build.</summary>
internal sealed class ContentReader(IArtifactStore store)
{
    private const long MaxListLength = OpamFile.MaximumLength;
    private const int MaxProblem = 400;

    /// <summary>Null where the artifact is gone or damaged: it is no set then, and may come back.</summary>
    public async Task<PackageSet?> ReadAsync(IndexedContent content, CancellationToken cancellationToken)
    {
        StoredContent? stored;
        try
        {
            stored = await store.OpenAsync(content.Hash, cancellationToken);
            if (stored is null)
                return null;
            await using (stored)
                return await ReadAsync(content, stored.Stream, cancellationToken);
        }
        catch (DamagedContentException)
        {
            return null;
        }
    }

    public static string? Problem(PackageSet set) =>
        set.Problems is [] ? null
        : string.Join(' ', set.Problems) is { Length: > MaxProblem } text ? text[..MaxProblem]
        : string.Join(' ', set.Problems);

    private static async Task<PackageSet> ReadAsync(IndexedContent content, Stream stream, CancellationToken cancellationToken)
    {
        if (content.Kind == ContentKind.MainBinary)
            return ReadBinary(stream);
        if (content.Size > MaxListLength)
            return new PackageSet([], [$"It has more than {MaxListLength >> 20} MiB."]);
        var bytes = new byte[content.Size];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        switch (content.Kind)
        {
            case ContentKind.Switch:
                return SwitchExport.TryParse(bytes, "opam-switch", out var export, out var error)
                    ? SwitchPackages.Of(export)
                    : new PackageSet([], [error.Message]);
            case ContentKind.SystemPackages:
                return SystemPackages.Of(bytes);
            default:
                return BuildInputs(bytes);
        }
    }

    private static PackageSet ReadBinary(Stream stream)
    {
        if (!ElfFile.TryRead(stream, out var elf, out var reason))
            return new PackageSet([], [reason]);
        var sets = new[] { GoBuildInfo.Read(elf), RustAudit.Read(elf) }.OfType<PackageSet>().ToList();
        var modules = LinkedUnits.Of(elf, out reason);
        return new PackageSet(
            [
                .. sets.SelectMany(static set => set.Packages),
                .. modules.Units.Select(static unit => new ContainedPackage(Ecosystem.Module, unit, null, PackageWay.Linked)),
            ],
            [.. sets.SelectMany(static set => set.Problems), .. reason is null ? Array.Empty<string>() : [reason]]
        );
    }

    // A line for each source: "NAME VERSION", "NAME=VERSION", or anything else as it is.
    private static PackageSet BuildInputs(byte[] bytes) =>
        new(
            [
                .. Encoding
                    .UTF8.GetString(bytes)
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    .Take(PackageSet.MaxPackages)
                    .Select(static line => line.Length > 1000 ? line[..1000] : line)
                    .Select(static line => (Line: line, Cut: line.IndexOfAny(['=', ' '])))
                    .Select(static part =>
                        part.Cut <= 0
                            ? new ContainedPackage(Ecosystem.Sources, part.Line, null, PackageWay.Input)
                            : new ContainedPackage(Ecosystem.Sources, part.Line[..part.Cut], part.Line[(part.Cut + 1)..], PackageWay.Input)
                    )
                    .Distinct(),
            ],
            []
        );
}
