namespace Builder.Analysis.Difference.Elf;

/// <summary>Whether two addresses, one of each side, mean the same thing.</summary>
internal sealed class PlaceComparer(CodeSide left, CodeSide right, FunctionMatch match)
{
    private const int MaxLiteralChanges = 2000;

    private readonly HashSet<(ulong, ulong)> seen = [];

    /// <summary>Texts that stand in for each other.</summary>
    public List<LiteralChange> LiteralChanges { get; } = [];

    public bool AreEqual(in CodeItem leftItem, in CodeItem rightItem, ElfFunction leftFunction, ElfFunction rightFunction)
    {
        if (
            leftItem.First != rightItem.First
            || leftItem.Second != rightItem.Second
            || leftItem.Reference != rightItem.Reference
            || leftItem.HasNumber != rightItem.HasNumber
        )
            return false;
        if (
            leftItem.HasNumber
            && leftItem.Number != rightItem.Number
            && !IsSame(
                left.Places.At(leftItem.Number),
                right.Places.At(rightItem.Number),
                leftItem.Number,
                rightItem.Number,
                0,
                leftFunction
            )
        )
            return false;
        if (leftItem.Reference is ReferenceKind.None or ReferenceKind.Masked)
            return true;
        if (leftItem.Import < 0 && rightItem.Import < 0 && leftItem.Target - leftFunction.Start < (ulong)leftFunction.Size)
            return leftItem.Target - leftFunction.Start == rightItem.Target - rightFunction.Start;
        return IsSame(
            left.Places.At(leftItem),
            right.Places.At(rightItem),
            leftItem.Target,
            rightItem.Target,
            leftItem.AccessSize,
            leftFunction
        );
    }

    /// <param name="accessSize">How many bytes are read there, 0 where that is not known.</param>
    public bool IsSame(Place leftPlace, Place rightPlace, ulong leftAddress, ulong rightAddress, int accessSize, ElfFunction user)
    {
        if (leftPlace.Kind == PlaceKind.Function && rightPlace.Kind == PlaceKind.Function)
            return IsSameFunction(leftPlace, rightPlace);
        if (leftPlace.Kind == PlaceKind.Import || rightPlace.Kind == PlaceKind.Import)
            return leftPlace == rightPlace;
        if (leftPlace.Kind == PlaceKind.Nowhere || rightPlace.Kind == PlaceKind.Nowhere)
            return leftPlace.Kind == rightPlace.Kind && (leftAddress == rightAddress || !left.Elf.IsRelocatable);
        if (
            IsSameSymbol(leftPlace, rightPlace)
            || accessSize == 0 && IsSameSymbol(left.Places.EndingAt(leftAddress), right.Places.EndingAt(rightAddress))
        )
            return true;
        var (leftSection, rightSection) = (left.Elf.SectionAt(leftAddress), right.Elf.SectionAt(rightAddress));
        if (leftSection < 0 || rightSection < 0 || left.Elf.Sections[leftSection].Name != right.Elf.Sections[rightSection].Name)
            return false;
        if (left.Elf.Sections[leftSection].IsWritable || left.Elf.Sections[leftSection].IsCode)
            return leftPlace.Kind == PlaceKind.Section || rightPlace.Kind == PlaceKind.Section;
        return IsSameLiteral(leftAddress, rightAddress, accessSize, user, leftSection);
    }

    private bool IsSameFunction(Place leftPlace, Place rightPlace)
    {
        if (match.RightOf[leftPlace.Index] == rightPlace.Index)
        {
            // A jump into the middle of another function moves with what changed in that one.
            return leftPlace.Offset == rightPlace.Offset
                || leftPlace.Offset != 0 && rightPlace.Offset != 0 && left.Hashes[leftPlace.Index] != right.Hashes[rightPlace.Index];
        }
        // Functions without a name and with the same code stand in for each other.
        return leftPlace.Offset == rightPlace.Offset
            && (left.Functions[leftPlace.Index].Name is null || right.Functions[rightPlace.Index].Name is null)
            && left.Functions[leftPlace.Index].Size == right.Functions[rightPlace.Index].Size
            && left.Hashes[leftPlace.Index] == right.Hashes[rightPlace.Index];
    }

    private bool IsSameSymbol(Place leftPlace, Place rightPlace) =>
        leftPlace.Kind == PlaceKind.Data
        && rightPlace.Kind == PlaceKind.Data
        && leftPlace.Offset == rightPlace.Offset
        && left.Places.Data[leftPlace.Index].StableName == right.Places.Data[rightPlace.Index].StableName;

    private bool IsSameLiteral(ulong leftAddress, ulong rightAddress, int accessSize, ElfFunction user, int section)
    {
        var leftText = left.Literals.TextAt(leftAddress);
        var rightText = right.Literals.TextAt(rightAddress);
        if (accessSize > 0)
        {
            var leftValue = left.Literals.ValueAt(leftAddress, accessSize);
            var rightValue = right.Literals.ValueAt(rightAddress, accessSize);
            if (leftValue.SequenceEqual(rightValue))
                return true;
            // A text that is copied as a number is a text.
            if (!Literals.IsText(leftValue.TrimEnd((byte)0)) || !Literals.IsText(rightValue.TrimEnd((byte)0)) || accessSize < 8)
                return IsPointerPair(leftValue, rightValue);
            Note(leftValue.TrimEnd((byte)0), rightValue.TrimEnd((byte)0), leftAddress, rightAddress, user, section);
            return true;
        }
        if (leftText.IsEmpty && rightText.IsEmpty || leftText.SequenceEqual(rightText))
            return true;
        if (leftText.Length < 2 && rightText.Length < 2 || leftText.IsEmpty || rightText.IsEmpty)
            return leftText.Length < 4 && rightText.Length < 4;
        if (right.Literals.Has(leftText) || left.Literals.Has(rightText))
            return false;
        Note(leftText, rightText, leftAddress, rightAddress, user, section);
        return true;
    }

    private bool IsPointerPair(ReadOnlySpan<byte> leftValue, ReadOnlySpan<byte> rightValue) =>
        leftValue.Length == 8
        && rightValue.Length == 8
        && left.Elf.SectionAt(BitConverter.ToUInt64(leftValue)) >= 0
        && right.Elf.SectionAt(BitConverter.ToUInt64(rightValue)) >= 0;

    private void Note(
        ReadOnlySpan<byte> leftText,
        ReadOnlySpan<byte> rightText,
        ulong leftAddress,
        ulong rightAddress,
        ElfFunction user,
        int section
    )
    {
        if (LiteralChanges.Count < MaxLiteralChanges && seen.Add((leftAddress, rightAddress)))
            LiteralChanges.Add(new LiteralChange(Literals.Latin1(leftText), Literals.Latin1(rightText), leftAddress, user, section));
    }
}
