using Builder.Analysis.Elf;

namespace Builder.Analysis.Drawing;

/// <summary>A dissection as tiles.</summary>
internal sealed class DissectionItems(Dissection dissection)
{
    public const int MaxNameLength = 120;

    public IReadOnlyList<TreemapItem> Top() => [.. dissection.Root.Children.Select(Item)];

    public static string ClassOf(DissectionKind kind) =>
        kind switch
        {
            DissectionKind.OCaml => "ml",
            DissectionKind.OCamlCode => "mlc",
            DissectionKind.OCamlData => "mld",
            DissectionKind.OCamlFrametable => "mlf",
            DissectionKind.C => "c",
            DissectionKind.Cpp => "cpp",
            DissectionKind.Rust => "rust",
            DissectionKind.Go => "go",
            DissectionKind.Contents => "con",
            DissectionKind.Linking => "lnk",
            DissectionKind.Debug => "dbg",
            DissectionKind.Names => "nam",
            DissectionKind.Padding => "pad",
            DissectionKind.Unaccounted => "una",
            _ => "same",
        };

    private TreemapItem Item(DissectionNode node) =>
        new(
            SafeText.Clean(node.Name, MaxNameLength),
            node.Size,
            ClassOf(node.Kind),
            Units.Bytes(node.Size),
            Detail(node.Size),
            () => ChildrenOf(node)
        );

    private List<TreemapItem> ChildrenOf(DissectionNode node)
    {
        var items = node.Children.Select(Item).ToList();
        if (!node.HasSymbols)
            return items;
        var kind = ClassOf(node.Kind);
        var rest = node.OwnSize;
        foreach (var symbol in dissection.SymbolsOf(node))
        {
            rest -= symbol.Size;
            items.Add(
                new TreemapItem(
                    SafeText.Clean(symbol.Name, MaxNameLength),
                    symbol.Size,
                    kind,
                    Units.Bytes(symbol.Size),
                    Detail(symbol.Size),
                    () => []
                )
            );
        }
        if (rest > 0)
            items.Add(new TreemapItem("between symbols", rest, kind, Units.Bytes(rest), Detail(rest), () => []));
        items.Sort((left, right) => right.Weight.CompareTo(left.Weight));
        return items;
    }

    private string Detail(long size) => $"{Units.Bytes(size)}, {Units.Share(size, dissection.Root.Size)} of the whole";
}
