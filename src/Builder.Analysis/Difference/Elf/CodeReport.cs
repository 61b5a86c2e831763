using System.Globalization;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Says which functions changed, came and went, and that the others only moved.</summary>
internal sealed class CodeReport(ElfReport report, CodeSide left, CodeSide right, CodeDifference code)
{
    /// <summary>Functions that are told one by one; with more, they are told by module.</summary>
    private const int MaxShown = 40;

    /// <summary>Written at the link of an OCaml program: it starts one module after the other, so it follows from their order.</summary>
    private const string StartOfModules = "caml_program";

    public void Add()
    {
        var onlyLeft = code.OnlyLeft.ToList();
        var onlyRight = code.OnlyRight.ToList();
        var (reordered, example) = code.Reordered();
        report.IsCodeDifferent = code.Changed.Count + onlyLeft.Count + onlyRight.Count + reordered > 0;
        if (report.IsCodeDifferent || code.Moved > 0)
            report.Summary(Summary(onlyLeft.Count, onlyRight.Count, reordered));
        if (code.Changed.Count + onlyLeft.Count + onlyRight.Count <= MaxShown)
            Single(onlyLeft, onlyRight, isOrder: example is not null);
        else
            ByModule(onlyLeft, onlyRight);
        if (example is not null)
            Reordered(reordered, example, onlyLeft.Count + onlyRight.Count);
        Renamed();
    }

    private string Summary(int onlyLeft, int onlyRight, int reordered)
    {
        var parts = new List<string> { Functions(code.Changed.Count, "changed") };
        if (onlyRight > 0)
            parts.Add($"{onlyRight} added");
        if (onlyLeft > 0)
            parts.Add($"{onlyLeft} removed");
        if (reordered > 0)
            parts.Add($"{reordered} in another order");
        parts.Add($"{code.Moved} only moved");
        return string.Join(", ", parts);
    }

    private static string Functions(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} function{(count == 1 ? "" : "s")} {what}");

    private void Single(List<ElfFunction> onlyLeft, List<ElfFunction> onlyRight, bool isOrder)
    {
        foreach (var change in code.Changed)
        {
            var (section, place) = PlaceOf(left, change.Left);
            report.Change(
                section,
                new Change(ChangeType.Lines, place, Size(change.Left), Size(change.Right))
                {
                    Text = change.Lines.Count == 0 ? null : string.Join('\n', change.Lines),
                    Follows = isOrder && change.Left.Name == StartOfModules,
                }
            );
            if (isOrder && change.Left.Name == StartOfModules)
                continue;
            report.Cause(
                place,
                CauseKind.Code,
                First(change, '-', '+') ?? Size(change.Left),
                First(change, '+', '-') ?? Size(change.Right),
                null
            );
        }
        foreach (var function in onlyLeft)
            OneSided(left, function, isLeft: true);
        foreach (var function in onlyRight)
            OneSided(right, function, isLeft: false);
    }

    private void OneSided(CodeSide side, ElfFunction function, bool isLeft)
    {
        var (section, place) = PlaceOf(side, function);
        report.Change(section, new Change(ChangeType.Symbols, place, isLeft ? Size(function) : null, isLeft ? null : Size(function)));
        report.Cause(place, CauseKind.Code, isLeft ? Size(function) : "", isLeft ? "" : Size(function), null);
    }

    // The first line that differs says more than a size. A jump to another place may read the same on both sides.
    private static string? First(CodeChange change, char mark, char other)
    {
        var others = change.Lines.Where(line => line[0] == other).Select(line => line[1..]).ToHashSet(StringComparer.Ordinal);
        return change.Lines.FirstOrDefault(line => line[0] == mark && !others.Contains(line[1..])) is { } line ? line[1..] : null;
    }

    private static string Size(ElfFunction function) => string.Create(CultureInfo.InvariantCulture, $"{function.Size} bytes");

    private void ByModule(List<ElfFunction> onlyLeft, List<ElfFunction> onlyRight)
    {
        const int MaxNames = 200;
        const int MaxEvidence = 5;
        var all = code
            .Changed.Select(change => (Side: left, Function: change.Left, What: "changed"))
            .Concat(onlyLeft.Select(function => (Side: left, Function: function, What: "removed")))
            .Concat(onlyRight.Select(function => (Side: right, Function: function, What: "added")));
        var groups = all.GroupBy(entry => (Section: PlaceOf(entry.Side, entry.Function).Section, Module: ModuleOf(entry.Function)))
            .ToList();
        foreach (var group in groups.OrderByDescending(group => group.Count()).Take(MaxShown))
        {
            var place = group.Key.Module.Length == 0 ? group.Key.Section : $"{group.Key.Section} {group.Key.Module}";
            var counts = string.Join(", ", group.CountBy(entry => entry.What).Select(entry => $"{entry.Value} {entry.Key}"));
            var names = group.Select(entry => AddressTargetNames.Of(entry.Function)).Distinct().Take(MaxNames + 1).ToList();
            var text = string.Join(", ", names.Take(MaxNames)) + (names.Count > MaxNames ? ", …" : "");
            var evidence = string.Join(", ", names.Take(MaxEvidence)) + (names.Count > MaxEvidence ? ", …" : "");
            report.Change(group.Key.Section, new Change(ChangeType.Symbols, place, null, null) { Text = $"{counts}: {text}" });
            report.Cause(place, CauseKind.Code, counts, evidence, null, group.Count());
        }
        if (groups.Count > MaxShown)
            report.Notice(groups[0].Key.Section, $"functions of {groups.Count - MaxShown} more modules differ");
        var shown = code.Changed.FirstOrDefault(change => change.Lines.Count > 0);
        if (shown is not null)
            report.Change(
                PlaceOf(left, shown.Left).Section,
                new Change(ChangeType.Lines, PlaceOf(left, shown.Left).Place, Size(shown.Left), Size(shown.Right))
                {
                    Text = string.Join('\n', shown.Lines),
                }
            );
    }

    private static string ModuleOf(ElfFunction function) =>
        function.Name is null ? "" : FunctionNames.ModuleOf(function.Name) ?? function.Module;

    private static (string Section, string Place) PlaceOf(CodeSide side, ElfFunction function)
    {
        var section = side.Elf.Sections[function.Section].Name;
        return (section, $"{section} {AddressTargetNames.Of(function)}");
    }

    private void Reordered(int count, ElfFunction example, int onlyOneSide)
    {
        var section = right.Elf.Sections[example.Section].Name;
        var (before, after) = (NamesAround(left, code.Match.LeftOf[example.Index]), NamesAround(right, example.Index));
        report.Change(
            section,
            new Change(ChangeType.Order, "order of functions", before, after) { Text = $"{Functions(count, "in another order")}" }
        );
        // Where most of the code is another, its order is so too.
        if (count > code.Changed.Count(change => change.Left.Name != StartOfModules) + onlyOneSide)
            report.Cause(section, CauseKind.Ordering, before, after, null);
    }

    private static string NamesAround(CodeSide side, int index) =>
        string.Join(", ", side.Functions.Skip(Math.Max(0, index - 1)).Take(3).Select(AddressTargetNames.Of));

    // Names that say nothing of the source: counted numbers and hashes follow from the rest.
    private void Renamed()
    {
        var shown = 0;
        foreach (var function in left.Functions)
        {
            if (
                code.Match.RightOf[function.Index] is not (>= 0 and var index)
                || right.Functions[index].Name is not { } other
                || function.Name is not { } name
                || name == other
                || StableName.Of(name) == StableName.Of(other)
                || shown++ >= MaxShown
            )
                continue;
            report.Value(".symtab", "name of a function", name, other, null, CauseStrength.Unknown);
        }
    }
}
