namespace Builder.Analysis.Drawing;

/// <summary>An HTML page around a picture: the drawing that suits the window's width, and the same in words.</summary>
internal static class PicturePage
{
    public const int MaxRows = 250;

    internal const string Style = """
        :root{color-scheme:light dark}html{font:15px/1.5 Inter,system-ui,sans-serif;background:#fff;color:#1d2126}body{margin:0;padding:12px}
        svg.pic{display:block;width:100%;height:auto}svg.middle,svg.wide{display:none}
        @media (min-width:600px){svg.narrow{display:none}svg.middle{display:block}}
        @media (min-width:1080px){svg.middle{display:none}svg.wide{display:block}}
        details{margin:12px 2px 0;font-size:13px}summary{cursor:pointer;color:#1f5fbf}summary:focus-visible{outline:2px solid #1f5fbf;outline-offset:2px}
        table{border-collapse:collapse;margin-top:8px;width:100%;max-width:44rem;table-layout:fixed}td:first-child{overflow-wrap:anywhere}
        th,td{padding:3px 10px 3px 0;text-align:right;border-bottom:1px solid #e1e2de;font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left;width:46%}
        @media screen and (prefers-color-scheme:dark){html{background:#1b1e24;color:#e7e9ec}summary{color:#7db2ff}th,td{border-color:#2b3038}}
        .find{font:inherit;font-size:13px;width:min(20rem,100%);box-sizing:border-box;padding:4px 10px;margin:0 0 8px 2px;border:1px solid #8a929b;border-radius:99px;background:transparent;color:inherit}
        .find:focus-visible{outline:2px solid #1f5fbf}.faint{opacity:.18}.pins .r,.pins .hint{visibility:hidden!important}.pins .pinned>.r{visibility:visible!important}
        .pinned>rect,.pinned>circle{stroke:#e8590c!important;stroke-width:3!important}
        @media print{.find{display:none}body{padding:0}svg.narrow,svg.wide{display:none!important}svg.middle{display:block!important}}
        """;

    private static readonly (int Width, string Class)[] Drawings = [(376, "narrow"), (760, "middle"), (1280, "wide")];

    public static string Of(
        string title,
        string pictureStyle,
        string? scriptUrl,
        Action<SvgBuilder, int, string> draw,
        string[] columns,
        IEnumerable<string[]> rows,
        IReadOnlyList<PictureSection>? sections = null,
        IReadOnlyList<(string Text, string? Address)>? links = null
    )
    {
        var page = new SvgBuilder();
        page.Raw(
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>"
            )
            .Escaped(SafeText.Clean(title, DissectionItems.MaxNameLength))
            .Raw("</title><style>")
            .Raw(Style)
            .Raw(pictureStyle)
            .Raw("</style></head><body>\n");
        if (links is { Count: > 0 })
            WriteLinks(page, links);
        DrawAll(page, draw);
        foreach (var section in sections ?? [])
        {
            page.Raw("<details><summary>").Escaped(section.Title).Raw("</summary>\n");
            DrawAll(page, section.Draw);
            page.Raw("</details>\n");
        }
        page.Raw("<details><summary>The same as a table</summary><table><thead><tr>");
        foreach (var column in columns)
            page.Raw("<th scope=\"col\">").Escaped(column).Raw("</th>");
        page.Raw("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            page.Raw("<tr>");
            foreach (var cell in row)
                page.Raw("<td>").Escaped(SafeText.Clean(cell, DissectionItems.MaxNameLength)).Raw("</td>");
            page.Raw("</tr>\n");
        }
        page.Raw("</tbody></table></details>\n");
        if (scriptUrl is not null)
            page.Raw("<script src=\"").Escaped(scriptUrl).Raw("\" defer></script>\n");
        return page.Raw("</body></html>\n").ToString();
    }

    private static void WriteLinks(SvgBuilder page, IReadOnlyList<(string Text, string? Address)> links)
    {
        page.Raw("<nav aria-label=\"Roots\" style=\"font-size:13px;margin:0 2px 8px;overflow-wrap:anywhere\">");
        foreach (var (index, (text, address)) in links.Index())
        {
            page.Raw(index == 0 ? "" : " · ");
            if (address is null)
                page.Raw("<b aria-current=\"page\">").Escaped(text).Raw("</b>");
            else
                page.Raw("<a href=\"").Escaped(address).Raw("\" style=\"color:LinkText\">").Escaped(text).Raw("</a>");
        }
        page.Raw("</nav>\n");
    }

    private static void DrawAll(SvgBuilder page, Action<SvgBuilder, int, string> draw)
    {
        foreach (var (width, css) in Drawings)
        {
            draw(page, width, css);
            page.Raw("\n");
        }
    }
}
