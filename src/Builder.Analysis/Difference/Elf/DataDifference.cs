using System.Globalization;
using System.Text;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Named objects in data sections that differ after pointers are replaced by what they point to.</summary>
internal sealed class DataDifference(CodeSide left, CodeSide right, AddressTargetComparer places)
{
    private const int MaxObject = 1 << 20;
    private const int MaxShown = 32;
    private const int MaxChanges = 500;

    public List<DataChange> Changes { get; } = [];

    public List<DataSymbol> OnlyLeft { get; } = [];

    public List<DataSymbol> OnlyRight { get; } = [];

    public static DataDifference Of(CodeSide left, CodeSide right, AddressTargetComparer places, CancellationToken cancellationToken)
    {
        var difference = new DataDifference(left, right, places);
        difference.Run(cancellationToken);
        return difference;
    }

    private void Run(CancellationToken cancellationToken)
    {
        var rights = Groups(right.Places.Data);
        foreach (var (key, lefts) in Groups(left.Places.Data))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!rights.Remove(key, out var others))
            {
                OnlyLeft.AddRange(lefts);
                continue;
            }
            for (var i = 0; i < Math.Min(lefts.Count, others.Count); i++)
                Compare(lefts[i], others[i]);
            OnlyLeft.AddRange(lefts.Skip(others.Count));
            OnlyRight.AddRange(others.Skip(lefts.Count));
        }
        OnlyRight.AddRange(rights.Values.SelectMany(symbols => symbols));
    }

    private static Dictionary<string, List<DataSymbol>> Groups(DataSymbol[] symbols)
    {
        var groups = new Dictionary<string, List<DataSymbol>>(symbols.Length, StringComparer.Ordinal);
        foreach (var symbol in symbols)
        {
            var key = symbol.Module.Length == 0 ? symbol.StableName : $"{symbol.Module}\0{symbol.StableName}";
            if (!groups.TryGetValue(key, out var group))
                groups.Add(key, group = new List<DataSymbol>(1));
            group.Add(symbol);
        }
        return groups;
    }

    private void Compare(DataSymbol leftSymbol, DataSymbol rightSymbol)
    {
        if (
            leftSymbol.Size == 0
            || rightSymbol.Size == 0
            || Math.Max(leftSymbol.Size, rightSymbol.Size) > MaxObject
            || Changes.Count >= MaxChanges
        )
            return;
        var leftBytes = left.Literals.ValueAt(leftSymbol.Start, (int)leftSymbol.Size);
        var rightBytes = right.Literals.ValueAt(rightSymbol.Start, (int)rightSymbol.Size);
        if (leftBytes.IsEmpty && rightBytes.IsEmpty || leftBytes.Length == rightBytes.Length && IsSame(leftBytes, rightBytes, leftSymbol))
            return;
        var isText = IsText(leftBytes) && IsText(rightBytes);
        Changes.Add(
            new DataChange(
                leftSymbol,
                rightSymbol,
                Shown(leftBytes, isText),
                Shown(rightBytes, isText),
                isText,
                left.Elf.Sections[leftSymbol.Section].IsWritable
            )
        );
    }

    private bool IsSame(ReadOnlySpan<byte> leftBytes, ReadOnlySpan<byte> rightBytes, DataSymbol leftSymbol)
    {
        if (leftBytes.SequenceEqual(rightBytes))
            return true;
        // Words that are addresses on both sides.
        var reader = left.Elf.File.Header.Fields;
        var (at, size) = (0, reader.AddressSize);
        for (; at + size <= leftBytes.Length; at += size)
        {
            var (leftWord, rightWord) = (reader.Address(leftBytes, at), reader.Address(rightBytes, at));
            if (leftWord == rightWord)
                continue;
            if ((leftSymbol.Start + (uint)at) % (uint)size != 0 || left.Elf.SectionAt(leftWord) < 0 || right.Elf.SectionAt(rightWord) < 0)
                return false;
            var user = new ElfFunction(-1, leftSymbol.Name, "", leftSymbol.Start, 0, leftSymbol.Section);
            if (!places.IsSame(left.Places.At(leftWord), right.Places.At(rightWord), leftWord, rightWord, 0, user))
                return false;
        }
        return leftBytes[at..].SequenceEqual(rightBytes[at..]);
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.TrimEnd((byte)0);
        return text.Length >= 2 && Literals.IsText(text);
    }

    private string Shown(ReadOnlySpan<byte> bytes, bool isText)
    {
        if (isText)
            return Encoding.Latin1.GetString(bytes.TrimEnd((byte)0));
        var reader = left.Elf.File.Header.Fields;
        return bytes.Length switch
        {
            4 => reader.UInt32(bytes, 0).ToString(CultureInfo.InvariantCulture),
            8 => reader.UInt64(bytes, 0).ToString(CultureInfo.InvariantCulture),
            > MaxShown => string.Create(
                CultureInfo.InvariantCulture,
                $"{Convert.ToHexStringLower(bytes[..MaxShown])}… ({bytes.Length} bytes)"
            ),
            _ => Convert.ToHexStringLower(bytes),
        };
    }
}
