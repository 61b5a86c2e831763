using System.Globalization;
using System.Text;
using Builder.Analysis.Opam;
using Builder.Protocol.Text;

namespace Builder.Cli.Opam;

/// <summary>A few lines for people about an opam file or a switch export.</summary>
internal static class OpamDescription
{
    public static string Of(string path, OpamFile file)
    {
        var text = new StringBuilder();
        var isExport = file.Items.Any(item =>
            item is OpamItem.Section { Kind: "package" } or OpamItem.Field { Name: "installed" or "roots" }
        );
        if (isExport)
            DescribeExport(text, path, SwitchExport.Read(file, path));
        else
            DescribeFile(text, path, file);
        return VisibleText.Block(text.ToString());
    }

    private static void DescribeExport(StringBuilder text, string path, SwitchExport export)
    {
        text.Append(CultureInfo.InvariantCulture, $"{path}: switch export, {export.Installed.Length} installed packages\n");
        Line(text, "roots", export.Roots.IsEmpty ? "none" : string.Join(", ", export.Roots));
        if (!export.Pinned.IsEmpty)
            Line(text, "pinned", string.Join(", ", export.Pinned));
        if (!export.Compiler.IsEmpty)
            Line(text, "compiler", string.Join(", ", export.Compiler));
        var summary = SwitchSummary.Of(export);
        if (summary.Section is { } section)
            Line(text, "section", section);
        if (summary.Synopsis is { } synopsis)
            Line(text, "synopsis", synopsis);
        foreach (var problem in export.Problems)
            Line(text, "ignored", problem);
    }

    private static void DescribeFile(StringBuilder text, string path, OpamFile file)
    {
        var fields = file.Items.Count(item => item is OpamItem.Field);
        text.Append(CultureInfo.InvariantCulture, $"{path}: opam file, {fields} fields, {file.Items.Length - fields} sections\n");
        if (!OpamPackage.TryRead(file, path, out var package, out var error))
        {
            Line(text, "opam", $"would refuse it: {error.Reason}");
            return;
        }
        if (package["name"] is OpamValue.Text name)
            Line(text, "name", name.Value.ToString());
        if (package.Version is { } version)
            Line(text, "version", version.ToString());
        if (package.Synopsis is { } synopsis)
            Line(text, "synopsis", synopsis);
        if (!package.Depends.IsEmpty)
            Line(text, "depends", string.Join(", ", package.Depends));
        foreach (var problem in package.Problems)
            Line(text, "ignored", problem);
    }

    private static void Line(StringBuilder text, string label, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"{label + ":", -10} {value}\n");
}
