using System.IO.Compression;
using System.Text.Json;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Advisories;

/// <summary>The crates that <c>cargo auditable</c> writes into a program: JSON, compressed by zlib, in the section <c>.dep-v0</c>.</summary>
public static class RustAudit
{
    private const int MaxCompressed = 4 << 20;
    private const int MaxLength = 8 << 20;

    /// <summary>Null where the program has none.</summary>
    public static PackageSet? Read(ElfFile file)
    {
        if (file.Section(".dep-v0") is not { HasBytes: true } section)
            return null;
        if (section.Size > MaxCompressed || !file.IsInside(section.Offset, section.Size))
            return Broken;
        var bytes = new byte[section.Size];
        file.Source.Read((long)section.Offset, bytes);
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress);
            var json = new byte[MaxLength];
            var length = zlib.ReadAtLeast(json, json.Length, throwOnEndOfStream: false);
            if (length == MaxLength)
                return Broken;
            using var document = JsonDocument.Parse(json.AsMemory(0, length));
            return new PackageSet([.. Crates(document.RootElement).Take(PackageSet.MaxPackages)], []);
        }
        catch (Exception exception)
            when (exception is InvalidDataException or JsonException or AdvisoryException or InvalidOperationException)
        {
            return Broken;
        }
    }

    private static PackageSet Broken => new([], ["The list of crates in the program (.dep-v0) cannot be read."]);

    private static IEnumerable<ContainedPackage> Crates(JsonElement root)
    {
        foreach (var crate in OsvJson.Items(root, "packages", ".dep-v0"))
        {
            // What only build scripts use is not in the program.
            if (OsvJson.Text(crate, "name") is { Length: > 0 } name && OsvJson.Text(crate, "kind") is not "build")
                yield return new ContainedPackage(
                    Ecosystem.Cargo,
                    name,
                    OsvJson.Text(crate, "version"),
                    OsvJson.Member(crate, "root") is { ValueKind: JsonValueKind.True } ? PackageWay.Root : PackageWay.Linked
                );
        }
    }
}
