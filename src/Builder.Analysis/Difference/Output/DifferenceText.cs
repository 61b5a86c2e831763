using System.Globalization;

namespace Builder.Analysis.Difference.Output;

/// <summary>The answer for a terminal: the causes, one line each, the tree, and how to fix the causes; about 60 lines at most.</summary>
public static class DifferenceText
{
    private const int MaxCauses = 12;
    private const int MaxTree = 36;
    private const int MaxChanges = 4;
    private const int MaxTextLines = 12;
    private const int MaxFixes = 4;

    private const string Bold = "\e[1m";
    private const string Red = "\e[31m";
    private const string Green = "\e[32m";
    private const string Dim = "\e[2m";
    private const string Plain = "\e[0m";

    /// <param name="isColoured">Escape sequences for colours.</param>
    public static async Task WriteAsync(TextWriter output, DifferenceResult result, bool isColoured, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        if (result.IsSame)
        {
            lines.Add("same content");
        }
        else
        {
            AddCauses(lines, result, isColoured);
            AddTree(lines, result.Root!, isColoured);
            AddFixes(lines, result, isColoured);
        }
        foreach (var line in lines)
            await output.WriteLineAsync(line.AsMemory(), cancellationToken);
    }

    private static void AddCauses(List<string> lines, DifferenceResult result, bool isColoured)
    {
        var width = result.Causes.Take(MaxCauses).Select(cause => CauseNames.NameOf(cause.Kind).Length).DefaultIfEmpty(0).Max();
        foreach (var cause in result.Causes.Take(MaxCauses))
        {
            var more = cause.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" (and {cause.Count - 1} more)") : "";
            var name = Painted(CauseNames.NameOf(cause.Kind).PadRight(width), Bold, isColoured);
            lines.Add($"{name}  {ShownText.Of(cause.Path)}{more}: {ShownText.Values(cause.Left, cause.Right)}");
        }
        if (result.Causes.Count > MaxCauses)
            lines.Add(
                string.Create(CultureInfo.InvariantCulture, $"… {result.Causes.Count - MaxCauses} more causes (all of them: --format json)")
            );
        if (result.Causes.Count == 0)
            lines.Add("no cause is shown");
    }

    private static void AddTree(List<string> lines, DifferenceNode root, bool isColoured)
    {
        var tree = new List<string>();
        Add(tree, root, 0, isColoured);
        lines.Add("");
        lines.AddRange(tree.Take(MaxTree));
        if (tree.Count > MaxTree)
            lines.Add(
                string.Create(CultureInfo.InvariantCulture, $"… {tree.Count - MaxTree} more lines (all of them: --format html or json)")
            );
    }

    private static void Add(List<string> lines, DifferenceNode node, int depth, bool isColoured)
    {
        var indent = new string(' ', Math.Min(depth, 12) * 2);
        var name = node.Path.Length == 0 ? "." : ShownText.Of(node.Path);
        var follows = node.Follows ? ", follows from another difference" : "";
        var line = node.Status switch
        {
            DifferenceStatus.OnlyLeft => Painted($"- {name}", Red, isColoured),
            DifferenceStatus.OnlyRight => Painted($"+ {name}", Green, isColoured),
            _ => name,
        };
        lines.Add($"{indent}{line} {Painted($"({node.Kind}{Sizes(node)}{follows})", Dim, isColoured)}");
        foreach (var notice in node.Notices)
            lines.Add($"{indent}  ! {ShownText.Of(notice)}");
        if (!node.Follows)
            AddChanges(lines, node, $"{indent}  ", isColoured);
        foreach (var child in node.Children.OrderBy(child => child.Follows))
            Add(lines, child, depth + 1, isColoured);
    }

    // Pairs of lines say more than the diff that has them again.
    private static void AddChanges(List<string> lines, DifferenceNode node, string indent, bool isColoured)
    {
        var changes = node
            .Changes.Where(change =>
                !change.Follows
                && !(change.Type == ChangeType.Lines && change.Left is null && change.Right is null && node.Changes.Count > 1)
            )
            .ToList();
        foreach (var change in changes.Take(MaxChanges))
        {
            if (change.Left is not null || change.Right is not null)
                lines.Add($"{indent}{ShownText.Of(change.Place)}: {ShownText.Values(change.Left, change.Right)}");
            else
                lines.Add($"{indent}{ShownText.Of(change.Place)}");
            foreach (var text in (change.Text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(MaxTextLines))
                lines.Add($"{indent}  {Painted(ShownText.Of(text), text[0] switch { '-' => Red, '+' => Green, _ => Plain }, isColoured)}");
        }
        if (changes.Count > MaxChanges)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{indent}… {changes.Count - MaxChanges} more"));
    }

    private static void AddFixes(List<string> lines, DifferenceResult result, bool isColoured)
    {
        var fixes = result.Causes.DistinctBy(cause => cause.Fix).Take(MaxFixes).ToList();
        if (fixes.Count == 0)
            return;
        lines.Add("");
        lines.Add(Painted("How to fix", Bold, isColoured));
        foreach (var cause in fixes)
            lines.Add($"{CauseNames.NameOf(cause.Kind)}: {cause.Fix}");
    }

    private static string Sizes(DifferenceNode node) =>
        (node.Left, node.Right) switch
        {
            ({ } left, { } right) when left.Size == right.Size => string.Create(CultureInfo.InvariantCulture, $", {left.Size} bytes"),
            ({ } left, { } right) => string.Create(CultureInfo.InvariantCulture, $", {left.Size} → {right.Size} bytes"),
            (null, null) => "",
            var (left, right) => string.Create(CultureInfo.InvariantCulture, $", {(left ?? right)!.Size} bytes"),
        };

    private static string Painted(string text, string colour, bool isColoured) =>
        isColoured && colour != Plain ? $"{colour}{text}{Plain}" : text;
}
