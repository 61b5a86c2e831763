using System.Globalization;
using System.Text;
using Builder.Analysis.Difference;
using Builder.Web.Html;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Compare;

/// <summary>A tree of differences as elements that unfold. Paths, values and lines are of strangers: all of them are encoded here.</summary>
internal sealed class DifferenceMarkup(string address, TreeCut cut)
{
    private const int MaxValue = 400;
    private const int MaxMarkedPart = 2000;

    /// <summary>At least one part in so many must be common for a mark.</summary>
    private const int MinCommonPart = 4;

    private readonly StringBuilder html = new();

    /// <param name="address">Of the comparison; parts stand below it.</param>
    public static HtmlString Of(ShownNode root, string address, TreeCut cut)
    {
        var markup = new DifferenceMarkup(address, cut);
        // The root of a comparison of builds is the set of artifacts, which has no name.
        if (root.Node.Path.Length == 0)
        {
            markup.Body(root);
        }
        else
        {
            markup.Node(root);
        }
        return new HtmlString(markup.html.ToString());
    }

    /// <summary>Two values, what differs in them marked.</summary>
    public static HtmlString Values(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0)
            return new HtmlString(
                left.Length == 0
                    ? $"only right: <span class=\"add\">{Text(right)}</span>"
                    : $"only left: <span class=\"del\">{Text(left)}</span>"
            );
        var markup = new DifferenceMarkup("", TreeCut.FirstPaint);
        markup.html.Append("<span class=\"del\">");
        markup.Marked(left, right);
        markup.html.Append("</span> <span aria-hidden=\"true\">→</span> <span class=\"add\">");
        markup.Marked(right, left);
        markup.html.Append("</span>");
        return new HtmlString(markup.html.ToString());
    }

    private void Node(ShownNode shown)
    {
        var node = shown.Node;
        html.Append("<details class=\"item node\" id=\"d-").Append(shown.Id).Append(shown.IsOpen ? "\" open>" : "\">");
        html.Append("<summary><code")
            .Append(
                node.Status switch
                {
                    DifferenceStatus.OnlyLeft => " class=\"del\">− ",
                    DifferenceStatus.OnlyRight => " class=\"add\">+ ",
                    _ => ">",
                }
            )
            .Append(Text(shown.Name))
            .Append("</code>");
        html.Append(" <span class=\"small dim\">").Append(Text(Facts(node))).Append("</span>");
        foreach (var kind in node.Causes.Select(cause => cause.Kind).Distinct())
            html.Append(' ').Append(Markup.Badge(StyleOf(kind), CauseNames.NameOf(kind)).Value);
        if (node.Follows)
            html.Append(" <span class=\"small dim\">follows from another difference</span>");
        html.Append(" <a class=\"small\" href=\"")
            .Append(address)
            .Append("/difference/")
            .Append(shown.Id)
            .Append("\" aria-label=\"Link to ")
            .Append(Text(shown.Name))
            .Append("\">#</a></summary>");
        Body(shown);
        html.Append("</details>");
    }

    public static string StyleOf(CauseKind kind) => kind is CauseKind.Code or CauseKind.Content ? "bad" : "warn";

    private void Body(ShownNode shown)
    {
        html.Append("<div class=\"inside\">");
        foreach (var notice in shown.Node.Notices)
            html.Append("<p class=\"note small\">").Append(Text(notice)).Append("</p>");
        Changes(shown);
        foreach (var child in shown.Children)
            Node(child);
        if (shown.Hidden > 0)
            More(shown, Wording.Count(shown.Hidden, "more part"), shown.Children.Length);
        html.Append("</div>");
    }

    private void Changes(ShownNode shown)
    {
        var changes = shown.Node.Changes;
        // A diff has the pairs of lines again, with what stands around them.
        var hasDiff = changes.Exists(static change => change is { Type: ChangeType.Lines, Left: null, Right: null, Text.Length: > 0 });
        var values = changes
            .Where(change =>
                (change.Left ?? change.Right) is not null && !(hasDiff && change.Type == ChangeType.Lines && change.Text is null)
            )
            .OrderBy(change => change.Follows)
            .ToList();
        var texts = changes.Where(change => change.Text is { Length: > 0 }).ToList();
        if (values.Count > 0)
        {
            html.Append(
                "<table class=\"changes rows values\"><thead><tr><th scope=\"col\">Place</th><th scope=\"col\">Left</th><th scope=\"col\">Right</th></tr></thead><tbody>"
            );
            foreach (var change in values.Take(cut.MaxChanges))
                Row(change);
            html.Append("</tbody></table>");
        }
        foreach (var change in texts.Take(cut.MaxChanges))
            Lines(shown, change);
        var hidden = Math.Max(0, values.Count - cut.MaxChanges) + Math.Max(0, texts.Count - cut.MaxChanges);
        if (hidden > 0)
            More(shown, Wording.Count(hidden, "more change"), 0);
    }

    private void Row(Change change)
    {
        html.Append("<tr><td>")
            .Append(Text(change.Place))
            .Append(change.Follows ? " <span class=\"small dim\">follows</span>" : "")
            .Append("</td><td>");
        Value(change.Left, change.Right, "del");
        html.Append("</td><td>");
        Value(change.Right, change.Left, "add");
        html.Append("</td></tr>");
    }

    private void Value(string? value, string? other, string style)
    {
        if (value is null)
        {
            html.Append("<span class=\"dim\">—</span>");
            return;
        }
        html.Append("<code class=\"").Append(style).Append("\">");
        Marked(value, other);
        html.Append("</code>");
    }

    private void Lines(ShownNode shown, Change change)
    {
        var (rows, more) = SideBySide.Of(change.Text!, cut.MaxLines);
        if (change.Left is not null || change.Right is not null || shown.Node.Changes.Count > 1)
            html.Append("<p class=\"small\"><code>").Append(Text(change.Place)).Append("</code></p>");
        if (rows.IsEmpty)
        {
            var lines = change.Text!.Split('\n');
            html.Append("<pre class=\"cmd\">");
            foreach (var line in lines.Take(cut.MaxLines))
                html.Append(Text(line)).Append('\n');
            html.Append("</pre>");
            more = Math.Max(0, lines.Length - cut.MaxLines);
        }
        else
        {
            html.Append(
                "<table class=\"sides\"><thead class=\"sr\"><tr><th scope=\"col\">Left</th><th scope=\"col\">Right</th></tr></thead><tbody>"
            );
            foreach (var row in rows)
                Row(row);
            html.Append("</tbody></table>");
        }
        if (more > 0)
            More(shown, Wording.Count(more, "more line"), 0);
    }

    private void Row(SideRow row)
    {
        if (row.IsSame)
        {
            html.Append(
                row.Right is null
                    ? $"<tr><td colspan=\"2\" class=\"hunk\">{Text(row.Left!)}</td></tr>"
                    : $"<tr><td>{Text(row.Left!)}</td><td class=\"again\">{Text(row.Left!)}</td></tr>"
            );
            return;
        }
        html.Append("<tr><td").Append(row.Left is null ? " class=\"none\">" : " class=\"del\">");
        if (row.Left is not null)
            Marked(row.Left, row.Right);
        html.Append("</td><td").Append(row.Right is null ? " class=\"none\">" : " class=\"add\">");
        if (row.Right is not null)
            Marked(row.Right, row.Left);
        html.Append("</td></tr>");
    }

    /// <summary>The part between common beginning and end is what differs.</summary>
    private void Marked(string value, string? other)
    {
        (value, other) = (Short(value, MaxMarkedPart), other is null ? null : Short(other, MaxMarkedPart));
        if (other is null || value == other)
        {
            html.Append(Text(value));
            return;
        }
        var start = value.AsSpan().CommonPrefixLength(other);
        // Whole words: "14" against "15", not "4" against "5".
        while (start > 0 && (char.IsLetterOrDigit(value[start - 1]) || char.IsSurrogate(value[start - 1])))
            start--;
        var end = 0;
        while (end < Math.Min(value.Length, other.Length) - start && value[^(end + 1)] == other[^(end + 1)])
            end++;
        while (end > 0 && (char.IsLetterOrDigit(value[^end]) || char.IsSurrogate(value[^end])))
            end--;
        // Where almost all differs a mark says nothing.
        if (start + end >= value.Length || start + end < value.Length / MinCommonPart)
        {
            html.Append(Text(value));
            return;
        }
        html.Append(Text(value[..start])).Append("<mark>").Append(Text(value[start..^end])).Append("</mark>").Append(Text(value[^end..]));
    }

    private void More(ShownNode shown, string what, int from)
    {
        html.Append("<p class=\"small\"><a href=\"").Append(address).Append("/difference/").Append(shown.Id);
        // On its own page a node goes on where the page ended.
        if (cut == TreeCut.Part && from > 0)
            html.Append(CultureInfo.InvariantCulture, $"?from={from}");
        html.Append("\">").Append(Text(what)).Append("</a></p>");
    }

    private static string Facts(DifferenceNode node) =>
        (node.Left, node.Right) switch
        {
            ({ } left, { } right) when left.Size == right.Size => $"{node.Kind}, {Wording.Bytes(left.Size)}",
            ({ } left, { } right) => $"{node.Kind}, {Wording.Bytes(left.Size)} → {Wording.Bytes(right.Size)}",
            ({ } only, null) => $"{node.Kind}, only left, {Wording.Bytes(only.Size)}",
            (null, { } only) => $"{node.Kind}, only right, {Wording.Bytes(only.Size)}",
            _ => node.Kind,
        };

    private static string Text(string text) => Markup.Encode(Short(text, MaxMarkedPart));

    public static string ShortValue(string text) => Short(text, MaxValue);

    private static string Short(string text, int max)
    {
        if (text.Length <= max)
            return text;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[max - 1]) ? max - 1 : max), "…");
    }
}
