using System.Globalization;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>One comparison of two ELF files: first what can be a cause, then everything else as what follows from it.</summary>
internal sealed class ElfComparison(ElfSide left, ElfSide right, ContentPair pair, DifferenceContext context)
{
    private const string BuildIdSection = ".note.gnu.build-id";

    private static readonly string[] Derived = [BuildIdSection, ".gnu_debuglink", ".gnu_debugaltlink", ".shstrtab", ".gnu_debugdata"];

    private readonly ElfReport report = new(pair, context);

    public DifferenceNode Run()
    {
        CompareHeaders();
        var sections = SectionPair.Of(left, right, context.CancellationToken);
        CompareCode(sections);
        CompareDynamic();
        foreach (var section in sections.Where(section => section.IsChanged && MayHoldTexts(section.Left!)))
            CompareTexts(section);
        SectionNames(sections);
        CompareSections(sections);
        return report.Finish();
    }

    private void CompareHeaders()
    {
        var (a, b) = (left.File.Header, right.File.Header);
        if (a.MachineName != b.MachineName || a.IsBigEndian != b.IsBigEndian)
            report.Value("header", "machine", a.MachineName, b.MachineName, CauseKind.Content);
        if (a.Is32Bit != b.Is32Bit)
            report.Value("header", "class", Class(a), Class(b), CauseKind.Content);
        if (a.Type != b.Type)
            report.Value("header", "type", a.Type.ToString(), b.Type.ToString(), CauseKind.Content);
        if (a.Entry != b.Entry)
            report.Follows("header", ChangeType.Field, "entry point", Hex(a.Entry), Hex(b.Entry));
        var (leftKinds, rightKinds) = (SegmentsOf(left), SegmentsOf(right));
        if (leftKinds != rightKinds)
            report.Value("segments", "types and flags", leftKinds, rightKinds, CauseKind.Content, CauseStrength.Metadata);
    }

    private static string Class(ElfHeader header) => header.Is32Bit ? "32-bit" : "64-bit";

    private static string SegmentsOf(ElfSide side) =>
        string.Join(
            ", ",
            side.File.Segments.Take(64)
                .Select(segment =>
                    NameOf(segment.Type)
                    + $" {((segment.Flags & 4) != 0 ? "r" : "-")}{((segment.Flags & 2) != 0 ? "w" : "-")}{((segment.Flags & 1) != 0 ? "x" : "-")}"
                )
        );

    private static string NameOf(uint type) =>
        type switch
        {
            1 => "LOAD",
            2 => "DYNAMIC",
            3 => "INTERP",
            4 => "NOTE",
            6 => "PHDR",
            7 => "TLS",
            0x6474E550 => "EH_FRAME",
            0x6474E551 => "STACK",
            0x6474E552 => "RELRO",
            0x6474E553 => "PROPERTY",
            _ => string.Create(CultureInfo.InvariantCulture, $"0x{type:x}"),
        };

    private void CompareCode(List<SectionPair> sections)
    {
        if (
            left.File.Header.Machine != right.File.Header.Machine
            || left.File.Header.Is32Bit != right.File.Header.Is32Bit
            || !sections.Exists(MatterForCode)
        )
            return;
        var (leftCode, rightCode) = (new CodeSide(left), new CodeSide(right));
        var code = CodeDifference.Of(leftCode, rightCode, context.CancellationToken);
        var data = DataDifference.Of(leftCode, rightCode, code.Places, context.CancellationToken);
        new CodeReport(report, leftCode, rightCode, code).Add();
        foreach (var literal in code.LiteralChanges)
            report.Text(
                left.Sections[literal.Section].Name,
                $"text in {AddressTargetNames.Of(literal.Function)}",
                literal.Left,
                literal.Right
            );
        foreach (var change in data.Changes)
            report.Data(left.Sections[change.Symbol.Section].Name, change);
        DataSymbolsOnOneSide(data);
    }

    private static bool MatterForCode(SectionPair section)
    {
        var one = section.Left ?? section.Right!;
        if (section.IsSame)
            return false;
        // A separate debug file has the symbols of code that it does not have.
        return one.Type == ElfSection.SymbolTable || one.IsLoaded && one.Type is 1 or ElfSection.NoBits && !Derived.Contains(one.Name);
    }

    private void DataSymbolsOnOneSide(DataDifference data)
    {
        const int MaxShown = 20;
        foreach (var (symbols, isLeft) in new[] { (data.OnlyLeft, true), (data.OnlyRight, false) })
        {
            foreach (var symbol in symbols.Where(symbol => symbol.Size > 0).Take(MaxShown))
            {
                var size = string.Create(CultureInfo.InvariantCulture, $"{symbol.Size} bytes");
                var section = (isLeft ? left : right).Sections[symbol.Section].Name;
                report.OneSided(section, $"{section} {symbol.Name}", isLeft ? size : null, isLeft ? null : size);
            }
        }
    }

    private void CompareDynamic()
    {
        var (leftEntries, rightEntries) = (DynamicTable.Read(left), DynamicTable.Read(right));
        foreach (var name in leftEntries.Keys.Union(rightEntries.Keys))
        {
            var leftValue = string.Join(", ", leftEntries.GetValueOrDefault(name, []));
            var rightValue = string.Join(", ", rightEntries.GetValueOrDefault(name, []));
            if (leftValue == rightValue)
                continue;
            var isOrder = leftEntries
                .GetValueOrDefault(name, [])
                .Order(StringComparer.Ordinal)
                .SequenceEqual(rightEntries.GetValueOrDefault(name, []).Order(StringComparer.Ordinal), StringComparer.Ordinal);
            report.Value(".dynamic", name, leftValue, rightValue, isOrder ? CauseKind.Ordering : null);
        }
    }

    private static bool MayHoldTexts(ElfSection section) =>
        section.HasBytes
        && !section.IsCode
        && section.Name != BuildIdSection
        && (
            section.Name.StartsWith(".rodata", StringComparison.Ordinal)
            || section.Name.StartsWith(".data", StringComparison.Ordinal)
            || section.Name.StartsWith(".debug_", StringComparison.Ordinal)
            || section.Name.StartsWith(".note", StringComparison.Ordinal)
            || section.Name is ".comment" or ".interp"
            || !IsKnown(section) && section.Type == 1
        );

    private static bool IsKnown(ElfSection section) =>
        section.Name
            is ".eh_frame"
                or ".eh_frame_hdr"
                or ".got"
                or ".got.plt"
                or ".gcc_except_table"
                or ".gnu_debugdata"
                or ".gnu_debuglink"
        || section.Name.StartsWith(".gnu.", StringComparison.Ordinal)
        || section.Name.StartsWith(".rela", StringComparison.Ordinal);

    private void CompareTexts(SectionPair section)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        // In these, texts stand between numbers that may be printable by chance.
        var isBinary =
            section.Name.StartsWith(".debug_", StringComparison.Ordinal) && section.Name is not (".debug_str" or ".debug_line_str");
        var texts = StringDifference.Of(left.Bytes(section.Left!.Index), right.Bytes(section.Right!.Index), isBinary);
        foreach (var change in texts.Changes)
        {
            if (change is { Left: { } one, Right: { } other })
                report.Text(section.Name, "text", one, other);
            else
                report.OneSided(section.Name, "text", change.Left, change.Right);
        }
        if (texts.Cut > 0)
            report.Notice(section.Name, string.Create(CultureInfo.InvariantCulture, $"{texts.Cut} more texts differ"));
        if (texts.IsReordered && !report.IsCodeDifferent)
            report.Reordered(section.Name, "texts", "the same texts", "in another order");
    }

    // Sections that are matched without the random number in their name.
    private void SectionNames(List<SectionPair> sections)
    {
        if (
            sections.Find(section => section is { Left: not null, Right: not null } && section.Left.Name != section.Right.Name) is
            { } renamed
        )
            report.Value(".shstrtab", "name of a section", renamed.Left!.Name, renamed.Right!.Name, CauseKind.Random);
    }

    private void CompareSections(List<SectionPair> sections)
    {
        foreach (var section in sections)
        {
            if (section is { Left: { } a, Right: { } b })
            {
                if (a.Size != b.Size)
                    report.Follows(section.Name, ChangeType.Field, "size", Count(a.Size), Count(b.Size));
                else if (!section.IsSame && section.Name == BuildIdSection)
                    report.Follows(section.Name, ChangeType.Field, "build id", left.File.BuildId, right.File.BuildId);
                else if (!section.IsSame)
                    report.Follows(section.Name, ChangeType.Field, "content", null, null);
                if (a.Address != b.Address)
                    report.Moved(section.Name, Hex(a.Address), Hex(b.Address));
            }
            else
            {
                var one = section.Left ?? section.Right!;
                report.SectionOnOneSide(
                    section.Name,
                    section.Left is not null,
                    Count(one.Size),
                    Derived.Contains(section.Name) || !one.IsLoaded && one.Type != 1
                );
            }
        }
        if (report.HasCauses)
            return;
        Unexplained(sections);
    }

    // Nothing of the above is the cause: what differs stands for itself.
    private void Unexplained(List<SectionPair> sections)
    {
        var changed = sections.Where(section => !section.IsSame).ToList();
        if (changed.Count == 0)
            throw new InvalidDataException("the sections are the same: the difference is outside of them");
        if (
            changed.TrueForAll(section => Derived.Contains(section.Name))
            && left.File.BuildId is { } a
            && right.File.BuildId is { } b
            && a != b
        )
        {
            report.Value(BuildIdSection, "build id", a, b, CauseKind.Random);
            return;
        }
        var telling = changed.Where(section => !Derived.Contains(section.Name) && section.IsChanged).ToList();
        foreach (var section in telling.Count > 0 ? telling : changed.Where(section => section.IsChanged))
            new UnexplainedBytes(report, left, right).Add(section);
    }

    private static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Count(ulong size) => string.Create(CultureInfo.InvariantCulture, $"{size} bytes");
}
