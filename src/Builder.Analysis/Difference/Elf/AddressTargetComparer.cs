namespace Builder.Analysis.Difference.Elf;

/// <summary>Whether two addresses, one of each side, mean the same thing.</summary>
internal sealed class AddressTargetComparer(CodeSide left, CodeSide right, FunctionMatch match)
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
    public bool IsSame(
        AddressTarget leftTarget,
        AddressTarget rightTarget,
        ulong leftAddress,
        ulong rightAddress,
        int accessSize,
        ElfFunction user
    )
    {
        if (leftTarget.Kind == AddressTargetKind.Function && rightTarget.Kind == AddressTargetKind.Function)
            return IsSameFunction(leftTarget, rightTarget);
        if (leftTarget.Kind == AddressTargetKind.Import || rightTarget.Kind == AddressTargetKind.Import)
            return leftTarget == rightTarget;
        if (leftTarget.Kind == AddressTargetKind.Nowhere || rightTarget.Kind == AddressTargetKind.Nowhere)
            return leftTarget.Kind == rightTarget.Kind && (leftAddress == rightAddress || !left.Elf.IsRelocatable);
        if (
            IsSameSymbol(leftTarget, rightTarget)
            || accessSize == 0 && IsSameSymbol(left.Places.EndingAt(leftAddress), right.Places.EndingAt(rightAddress))
        )
            return true;
        var (leftSection, rightSection) = (left.Elf.SectionAt(leftAddress), right.Elf.SectionAt(rightAddress));
        if (leftSection < 0 || rightSection < 0 || left.Elf.Sections[leftSection].Name != right.Elf.Sections[rightSection].Name)
            return false;
        if (left.Elf.Sections[leftSection].IsWritable || left.Elf.Sections[leftSection].IsCode)
            return leftTarget.Kind == AddressTargetKind.Section || rightTarget.Kind == AddressTargetKind.Section;
        return IsSameLiteral(leftAddress, rightAddress, accessSize, user, leftSection);
    }

    private bool IsSameFunction(AddressTarget leftTarget, AddressTarget rightTarget)
    {
        if (match.RightOf[leftTarget.Index] == rightTarget.Index)
        {
            // A jump into the middle of another function moves with what changed in that one.
            return leftTarget.Offset == rightTarget.Offset
                || leftTarget.Offset != 0 && rightTarget.Offset != 0 && left.Hashes[leftTarget.Index] != right.Hashes[rightTarget.Index];
        }
        // Functions without a name and with the same code stand in for each other.
        return leftTarget.Offset == rightTarget.Offset
            && (left.Functions[leftTarget.Index].Name is null || right.Functions[rightTarget.Index].Name is null)
            && left.Functions[leftTarget.Index].Size == right.Functions[rightTarget.Index].Size
            && left.Hashes[leftTarget.Index] == right.Hashes[rightTarget.Index];
    }

    private bool IsSameSymbol(AddressTarget leftTarget, AddressTarget rightTarget) =>
        leftTarget.Kind == AddressTargetKind.Data
        && rightTarget.Kind == AddressTargetKind.Data
        && leftTarget.Offset == rightTarget.Offset
        && left.Places.Data[leftTarget.Index].StableName == right.Places.Data[rightTarget.Index].StableName;

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
        leftValue.Length == left.Elf.File.Header.Fields.AddressSize
        && rightValue.Length == right.Elf.File.Header.Fields.AddressSize
        && left.Elf.SectionAt(left.Elf.File.Header.Fields.Address(leftValue, 0)) >= 0
        && right.Elf.SectionAt(right.Elf.File.Header.Fields.Address(rightValue, 0)) >= 0;

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
