using Builder.Analysis.Elf;

namespace Builder.Analysis.Drawing;

/// <summary>A difference as tiles: the area is how many bytes came or went.</summary>
internal static class DifferenceItems
{
    public static IReadOnlyList<TreemapItem> Top(DifferenceNode difference) => [.. difference.Children.Select(Item)];

    public static string ClassOf(DifferenceStatus status) =>
        status switch
        {
            DifferenceStatus.Came => "came",
            DifferenceStatus.Grew => "grew",
            DifferenceStatus.Shrank => "shr",
            DifferenceStatus.Went => "went",
            _ => "same",
        };

    private static TreemapItem Item(DifferenceNode node) =>
        new(
            SafeText.Clean(node.Name, DissectionItems.MaxNameLength),
            node.Moved,
            ClassOf(node.Status),
            Units.Change(node.Change),
            Detail(node),
            () => [.. node.Children.Select(Item)]
        );

    private static string Detail(DifferenceNode node) =>
        node.Status switch
        {
            DifferenceStatus.Came => $"new: {Units.Bytes(node.After)}",
            DifferenceStatus.Went => $"gone: {Units.Bytes(node.Before)}",
            DifferenceStatus.SameSize => $"{Units.Bytes(node.After)} as before, {Units.Bytes(node.Moved)} changed within",
            _ => $"{Units.Change(node.Change)}: {Units.Bytes(node.Before)} → {Units.Bytes(node.After)}",
        };
}
