using System.Buffers;
using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>Makes other switch exports from one.</summary>
public static class SwitchEdit
{
    private static readonly string[] Lists = ["roots", "installed", "pinned"];

    /// <summary>The switch before a package was installed: what it depends on, and no more.</summary>
    public static ReadOnlyMemory<byte> Without(OpamFile export, OpamText package)
    {
        var items = export
            .Items.Where(item => item is not OpamItem.Section { Kind: "package" } section || section.Name != package)
            .Select(item => item is OpamItem.Field field && Lists.Contains(field.Name) ? Without(field, package) : item)
            .ToImmutableArray();
        var output = new ArrayBufferWriter<byte>(4096);
        OpamPrinter.Print(items.AsSpan(), output);
        output.Write("\n"u8);
        return output.WrittenMemory;
    }

    private static OpamItem.Field Without(OpamItem.Field field, OpamText package) =>
        new(
            field.Name,
            new OpamValue.List([
                .. OpamShape
                    .ListOfDepth(field.Value, 1)
                    .Where(value => value is not OpamValue.Text text || !PackageId.TryParse(text.Value, out var id) || id.Name != package),
            ])
        );
}
