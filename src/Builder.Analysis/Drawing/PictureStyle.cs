using System.Text;

namespace Builder.Analysis.Drawing;

/// <summary>
/// The colours and type of the pictures, those of the site's style sheet, in light and dark. Plain rules without variables, so that
/// programs that are no browsers read them too. Each fill carries its ink with a contrast of at least 4.5 to 1.
/// </summary>
internal static class PictureStyle
{
    /// <summary>Name, fill of a tile and of a frame in light, and in dark.</summary>
    internal static readonly (string Name, string Tile, string Frame, string DarkTile, string DarkFrame)[] Kinds =
    [
        ("ml", "#a8c6ef", "#e9f0fb", "#27508a", "#162438"),
        ("mlc", "#a8c6ef", "#cfdff6", "#27508a", "#1d3960"),
        ("mld", "#c4d8f4", "#dbe7f9", "#1f4171", "#1a3357"),
        ("mlf", "#dde8f9", "#e6eefa", "#1a3152", "#172a46"),
        ("c", "#efcf94", "#fbf2df", "#68490f", "#2a2110"),
        ("cpp", "#cec0f0", "#f1edfb", "#493980", "#211b36"),
        ("rust", "#f0baa6", "#fbece6", "#7a3a25", "#301a13"),
        ("go", "#a3dade", "#e3f4f5", "#1d5960", "#12292c"),
        ("con", "#bcd8c2", "#eaf4ec", "#2d5237", "#16241a"),
        ("lnk", "#d3d8cc", "#f0f2ed", "#40473a", "#1f231d"),
        ("dbg", "#dcc7da", "#f5eef4", "#55394f", "#271b25"),
        ("nam", "#c8d0dd", "#eef1f5", "#3b4658", "#1b212b"),
        ("pad", "#dfe0dc", "#f4f4f2", "#363a41", "#202329"),
        ("una", "#f0b7b2", "#fbe9e7", "#6e2a27", "#2d1716"),
        ("grew", "#f3bd84", "#fbeedf", "#784612", "#2d1f10"),
        ("came", "#e89a5c", "#fbeedf", "#93500f", "#2d1f10"),
        ("shr", "#a9d9b8", "#e6f4ea", "#24593a", "#14271b"),
        ("went", "#74c191", "#e6f4ea", "#1d6a3f", "#14271b"),
        ("same", "#d3d6da", "#eff0f2", "#3c4149", "#1e2127"),
    ];

    internal const string Paper = "#ffffff";
    internal const string Ink = "#1d2126";
    internal const string Dim = "#586069";
    internal const string DarkPaper = "#1b1e24";
    internal const string DarkInk = "#e7e9ec";
    internal const string DarkDim = "#9aa3ad";

    public static string Treemap { get; } =
        $$"""
            .pic{font-family:Inter,system-ui,sans-serif;color-scheme:light dark}
            .pic text{fill:{{Ink}};direction:ltr;unicode-bidi:isolate;pointer-events:none}
            .h{font-size:16px;font-weight:600}.pic .d,.pic .d tspan{fill:{{Dim}};}.s{font-size:12px}.b{font-weight:600}.n{font-variant-numeric:tabular-nums}
            .l1{font-size:12px;font-weight:600}.l2{font-size:11px}.l3{font-size:14px}.a{font-size:11px;font-weight:400}
            .paper{fill:{{Paper}};}.track{fill:#f1f1ee}.t{outline:none}.t>rect{stroke:none}.more>rect{fill-opacity:.55}
            .t:hover>rect,.t:focus-visible>rect{stroke:{{Ink}};stroke-width:2;fill-opacity:1}
            .r{visibility:hidden}.t:hover>.r,.t:focus-visible>.r{visibility:visible}
            .pic:has(.t:hover) .t:focus-visible:not(:hover)>.r{visibility:hidden}
            .pic:has(.t:hover) .hint,.pic:has(.t:focus-visible) .hint{visibility:hidden}
            {{Fills(kind => (kind.Tile, kind.Frame))}}
            @media screen and (prefers-color-scheme:dark){.pic text{fill:{{DarkInk}};}.pic .d,.pic .d tspan{fill:{{DarkDim}};}.paper{fill:{{DarkPaper}};}.track{fill:#101216}
            .t:hover>rect,.t:focus-visible>rect{stroke:{{DarkInk}};}
            {{Fills(kind => (kind.DarkTile, kind.DarkFrame))}} }
            @media print{.pic{-webkit-print-color-adjust:exact;print-color-adjust:exact}.t>rect{stroke:#888;stroke-width:.3}.hint,.r{display:none} }
            @media (forced-colors:active){.t>rect{stroke:CanvasText;fill:Canvas}.pic text{fill:CanvasText}.t:hover>rect,.t:focus-visible>rect{stroke:Highlight} }
            """;

    /// <summary>Shades of the accent for packages, from those with one user to those that nearly all use.</summary>
    internal static readonly string[] Shades = ["#174a96", "#3f74c4", "#7ba3dc", "#b3cbee", "#e6eefa"];

    internal static readonly string[] DarkShades = ["#9cc4ff", "#6b9be6", "#4672b4", "#2d4f85", "#1c2f4d"];

    public static string Dependencies { get; } =
        $$"""
            .pic{font-family:Inter,system-ui,sans-serif;color-scheme:light dark}
            .pic text{fill:{{Ink}};direction:ltr;unicode-bidi:isolate;pointer-events:none}.pic .d{fill:{{Dim}};}
            .h{font-size:16px;font-weight:600}.s{font-size:12px}.b{font-weight:600}.l3{font-size:14px}.e{text-anchor:end}.m{text-anchor:middle}
            .paper{fill:{{Paper}};}.core{fill:#e8f0fb}.spoke,.line{fill:none;stroke:#e1e2de}.t{outline:none}
            .pic circle{stroke:#1f5fbf;stroke-width:1}.pic .core{stroke:none}{{ShadeFills(Shades)}}
            .t:hover>circle,.t:focus-visible>circle{stroke:#e8590c;stroke-width:3}
            .r{visibility:hidden}.t:hover>.r,.t:focus-visible>.r{visibility:visible}
            .pic:has(.t:hover) .t:focus-visible:not(:hover)>.r{visibility:hidden}
            .pic:has(.t:not(.root):hover) .hint,.pic:has(.t:not(.root):focus-visible) .hint{visibility:hidden}
            @media screen and (prefers-color-scheme:dark){.pic text{fill:{{DarkInk}};}.pic .d{fill:{{DarkDim}};}.paper{fill:{{DarkPaper}};}.core{fill:#1b2a40}
            .spoke,.line{stroke:#2b3038}.pic circle{stroke:#7db2ff}{{ShadeFills(DarkShades)}} }
            @media print{.pic{-webkit-print-color-adjust:exact;print-color-adjust:exact}.r{display:none} }
            @media (forced-colors:active){.pic text{fill:CanvasText}.pic circle{stroke:CanvasText}.t:hover>circle,.t:focus-visible>circle{stroke:Highlight} }

            """;

    private static string ShadeFills(string[] shades) => string.Concat(shades.Select((colour, shade) => $".u{shade}{{fill:{colour}}}"));

    private static string Fills(
        Func<(string Name, string Tile, string Frame, string DarkTile, string DarkFrame), (string Tile, string Frame)> colours
    )
    {
        var rules = new StringBuilder();
        foreach (var kind in Kinds)
        {
            var (tile, frame) = colours(kind);
            rules
                .Append(".k-")
                .Append(kind.Name)
                .Append("{fill:")
                .Append(tile)
                .Append("}.f>.k-")
                .Append(kind.Name)
                .Append("{fill:")
                .Append(frame)
                .Append('}');
        }
        return rules.ToString();
    }
}
