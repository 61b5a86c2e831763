using System.Globalization;
using System.Runtime.InteropServices;
using Builder.Analysis.Comparison;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Which instructions of two functions differ, whatever moved: without padding, with jumps by the instruction that they go to.</summary>
internal sealed class InstructionDiff(CodeSide left, CodeSide right, FunctionMatch match, AddressTargetComparer places)
{
    /// <summary>Instructions of a function; longer ones are not shown.</summary>
    private const int MaxInstructions = 30_000;
    private const int MaxLines = 14;
    private const int MaxShown = 60;

    private int shown;

    /// <summary>Null where nothing but addresses and padding differs.</summary>
    public CodeChange? Of(ElfFunction leftFunction, ElfFunction rightFunction)
    {
        if (Read(left, leftFunction) is not { } lefts || Read(right, rightFunction) is not { } rights)
            return new CodeChange(leftFunction, rightFunction, [], -1, -1);
        var numbers = new Dictionary<(ulong, ulong, string), int>();
        var leftNumbers = Numbers(lefts, leftFunction, true, numbers);
        var rightNumbers = Numbers(rights, rightFunction, false, numbers);
        var (removed, added) = (new bool[lefts.Count], new bool[rights.Count]);
        LineMatcher.Match(leftNumbers, rightNumbers, line => removed[line] = true, line => added[line] = true);
        Reconsider(lefts, rights, removed, added, leftFunction, rightFunction);
        CompareJumps(lefts, rights, removed, added, leftFunction, rightFunction);
        var (removedCount, addedCount) = (removed.Count(mark => mark), added.Count(mark => mark));
        if (removedCount + addedCount == 0)
            return null;
        var lines = shown++ < MaxShown ? Lines(lefts, rights, removed, added, leftFunction, rightFunction) : [];
        return new CodeChange(leftFunction, rightFunction, lines, removedCount, addedCount);
    }

    private static List<(int Offset, CodeItem Item)>? Read(CodeSide side, ElfFunction function)
    {
        var items = new List<(int, CodeItem)>();
        if (!side.Reader.TryStart(function))
            return null;
        for (var offset = 0; side.Reader.Next(out var item); offset += item.Length)
        {
            if (items.Count == MaxInstructions)
                return null;
            if (!item.IsPadding)
                items.Add((offset, item));
        }
        return items;
    }

    private int[] Numbers(
        List<(int Offset, CodeItem Item)> items,
        ElfFunction function,
        bool isLeft,
        Dictionary<(ulong, ulong, string), int> numbers
    )
    {
        var result = new int[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i].Item;
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(
                numbers,
                (item.First, item.Second, Key(item, function, isLeft)),
                out var isKnown
            );
            if (!isKnown)
                number = numbers.Count - 1;
            result[i] = number;
        }
        return result;
    }

    /// <summary>What an address means, in words that are equal on both sides where the meaning is.</summary>
    private string Key(in CodeItem item, ElfFunction function, bool isLeft)
    {
        if (item.Reference is ReferenceKind.None or ReferenceKind.Masked && !item.HasNumber || IsInside(item, function))
            return "";
        var side = isLeft ? left : right;
        var key = item.Reference is ReferenceKind.None or ReferenceKind.Masked
            ? ""
            : Key(side, side.Places.At(item), item.Target, item.AccessSize, isLeft);
        return item.HasNumber ? $"{key},{Key(side, side.Places.At(item.Number), item.Number, 0, isLeft)}" : key;
    }

    private string Key(CodeSide side, AddressTarget place, ulong address, int accessSize, bool isLeft)
    {
        switch (place.Kind)
        {
            case AddressTargetKind.Function:
                var common = isLeft ? place.Index : match.LeftOf[place.Index];
                return $"{(common < 0 ? "R" : isLeft && match.RightOf[common] < 0 ? "L" : "F")}{(common < 0 ? place.Index : common)}+{place.Offset != 0}";
            case AddressTargetKind.Import:
                return $"I{place.Name}+{place.Offset}";
            case AddressTargetKind.Data:
                return $"D{side.Places.Data[place.Index].StableName}+{place.Offset}";
            case AddressTargetKind.Section when !side.Elf.Sections[side.Elf.SectionAt(address)].IsWritable:
                var text = side.Literals.TextAt(address);
                if (accessSize > 0)
                    return $"C{Convert.ToHexString(side.Literals.ValueAt(address, accessSize))}";
                return text.IsEmpty ? "P"
                    : (isLeft ? right : left).Literals.Has(text) ? $"S{Literals.Latin1(text)}"
                    : "S";
            default:
                return "P";
        }
    }

    private static bool IsInside(in CodeItem item, ElfFunction function) =>
        item.Reference == ReferenceKind.Code && item.Import < 0 && item.Target - function.Start < (ulong)function.Size;

    // Two that stand in for each other may mean the same after all.
    private void Reconsider(
        List<(int Offset, CodeItem Item)> lefts,
        List<(int Offset, CodeItem Item)> rights,
        bool[] removed,
        bool[] added,
        ElfFunction leftFunction,
        ElfFunction rightFunction
    )
    {
        for (int i = 0, j = 0; i < lefts.Count || j < rights.Count; )
        {
            var (fromLeft, fromRight) = (i, j);
            while (i < lefts.Count && removed[i])
                i++;
            while (j < rights.Count && added[j])
                j++;
            for (var k = 0; k < Math.Min(i - fromLeft, j - fromRight); k++)
            {
                var (leftItem, rightItem) = (lefts[fromLeft + k].Item, rights[fromRight + k].Item);
                var isSame =
                    IsInside(leftItem, leftFunction) && IsInside(rightItem, rightFunction)
                        ? leftItem.First == rightItem.First && leftItem.Second == rightItem.Second
                        : places.AreEqual(leftItem, rightItem, leftFunction, rightFunction);
                if (i - fromLeft == j - fromRight && isSame)
                    removed[fromLeft + k] = added[fromRight + k] = false;
            }
            i++;
            j++;
        }
    }

    // Jumps of lines that match must go to lines that match.
    private static void CompareJumps(
        List<(int Offset, CodeItem Item)> lefts,
        List<(int Offset, CodeItem Item)> rights,
        bool[] removed,
        bool[] added,
        ElfFunction leftFunction,
        ElfFunction rightFunction
    )
    {
        var partner = new int[lefts.Count + 1];
        Array.Fill(partner, -1);
        var pairs = new List<(int, int)>();
        for (int i = 0, j = 0; i < lefts.Count && j < rights.Count; )
        {
            if (removed[i])
            {
                i++;
            }
            else if (added[j])
            {
                j++;
            }
            else
            {
                pairs.Add((i, j));
                partner[i++] = j++;
            }
        }
        partner[lefts.Count] = rights.Count;
        foreach (var (i, j) in pairs)
        {
            if (!IsInside(lefts[i].Item, leftFunction))
                continue;
            var leftTarget = IndexOf(lefts, lefts[i].Item.Target - leftFunction.Start);
            var rightTarget = IndexOf(rights, rights[j].Item.Target - rightFunction.Start);
            if (partner[leftTarget] != rightTarget && (partner[leftTarget] >= 0 || rightTarget == rights.Count || !added[rightTarget]))
                removed[i] = added[j] = true;
        }
    }

    private static int IndexOf(List<(int Offset, CodeItem Item)> items, ulong offset)
    {
        var (low, high) = (0, items.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if ((ulong)items[middle].Offset < offset)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private List<string> Lines(
        List<(int Offset, CodeItem Item)> lefts,
        List<(int Offset, CodeItem Item)> rights,
        bool[] removed,
        bool[] added,
        ElfFunction leftFunction,
        ElfFunction rightFunction
    )
    {
        var lines = new List<string>();
        var lastSame = -1;
        for (int i = 0, j = 0; i < lefts.Count || j < rights.Count; )
        {
            if (lines.Count >= MaxLines)
            {
                lines.Add(" …");
                break;
            }
            if (i < lefts.Count && !removed[i] && (j >= rights.Count || !added[j]))
            {
                lastSame = i++;
                j++;
                continue;
            }
            if (lastSame >= 0)
                lines.Add($" {Line(left, leftFunction, lefts[lastSame])}");
            lastSame = -1;
            while (i < lefts.Count && removed[i] && lines.Count < MaxLines)
                lines.Add($"-{Line(left, leftFunction, lefts[i++])}");
            while (j < rights.Count && added[j] && lines.Count < MaxLines)
                lines.Add($"+{Line(right, rightFunction, rights[j++])}");
            if (i >= lefts.Count && j < rights.Count && !added[j])
                break;
        }
        return lines;
    }

    private static string Line(CodeSide side, ElfFunction function, (int Offset, CodeItem Item) line) =>
        side.Reader.Text(function, line.Offset, line.Item, address => NameOf(side, function, line.Item, address));

    private static string? NameOf(CodeSide side, ElfFunction function, in CodeItem item, ulong address)
    {
        var isNumber = item.HasNumber && address == item.Number && address != item.Target;
        var target = isNumber ? item.Number : item.Target;
        if (IsInside(item, function) && !isNumber)
            return string.Create(CultureInfo.InvariantCulture, $"+0x{target - function.Start:x}");
        return AddressTargetNames.Of(side, isNumber ? side.Places.At(target) : side.Places.At(item), target);
    }
}
