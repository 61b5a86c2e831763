using System.Globalization;
using System.Text.Encodings.Web;

namespace Builder.Analysis.Difference.Output;

/// <summary>The answer as one page that needs nothing else: causes, then the tree that unfolds. Works without script.</summary>
public static class DifferenceHtml
{
    private const int OpenDepth = 3;

    private const string Style = """
        :root{color-scheme:light dark;--line:#8884;--left:#d33;--right:#283}
        @media(prefers-color-scheme:dark){:root{--left:#f88;--right:#7d8}}
        body{font:15px/1.5 system-ui,sans-serif;margin:1.5rem auto;max-width:80rem;padding:0 1rem}
        code,pre,td{font-family:ui-monospace,monospace;font-size:13px;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%;table-layout:fixed}td,th{border:1px solid var(--line);padding:.2rem .5rem;text-align:left;vertical-align:top}
        pre{border:1px solid var(--line);overflow-x:auto;padding:.5rem}details{border-left:2px solid var(--line);margin:.3rem 0;padding-left:.8rem}
        summary{cursor:pointer;overflow-wrap:anywhere}.left,del{color:var(--left);text-decoration:none}.right,ins{color:var(--right);text-decoration:none}.dim{opacity:.7}
        .causes li{margin:.5rem 0}@media print{details>*{display:block}}
        """;

    public static async Task WriteAsync(TextWriter output, DifferenceResult result, CancellationToken cancellationToken)
    {
        var title = $"{result.Left.Path} and {result.Right.Path}";
        await WriteAsync(
            output,
            $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{Encoded(title)}</title><style>{Style}</style></head><body><h1>Why the files differ</h1>\n",
            cancellationToken
        );
        await WriteAsync(
            output,
            $"<table><tr><th>Left<th>Right<tr><td>{File(result.Left)}<td>{File(result.Right)}</table>\n",
            cancellationToken
        );
        if (result.Root is null)
        {
            await WriteAsync(output, "<p>Both sides are the same.</p>", cancellationToken);
        }
        else
        {
            await WriteCausesAsync(output, result, cancellationToken);
            await WriteAsync(output, "<h2>Differences</h2>\n", cancellationToken);
            await WriteNodeAsync(output, result.Root, 0, cancellationToken);
        }
        await WriteAsync(output, "</body></html>\n", cancellationToken);
    }

    private static async Task WriteCausesAsync(TextWriter output, DifferenceResult result, CancellationToken cancellationToken)
    {
        await WriteAsync(output, "<h2>Causes</h2><ol class=\"causes\">\n", cancellationToken);
        foreach (var cause in result.Causes)
        {
            var more = cause.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" and {cause.Count - 1} more") : "";
            await WriteAsync(
                output,
                $"<li><strong>{CauseNames.NameOf(cause.Kind)}</strong> in <code>{Encoded(cause.Path)}</code>{more}<br><span class=\"left\">{Encoded(cause.Left)}</span> → <span class=\"right\">{Encoded(cause.Right)}</span><br><span class=\"dim\">{Encoded(cause.Fix)}</span></li>\n",
                cancellationToken
            );
        }
        await WriteAsync(output, "</ol>\n", cancellationToken);
    }

    private static async Task WriteNodeAsync(TextWriter output, DifferenceNode node, int depth, CancellationToken cancellationToken)
    {
        var open = depth < OpenDepth && !node.Follows ? " open" : "";
        var follows = node.Follows ? ", follows from another difference" : "";
        var status = node.Status switch
        {
            DifferenceStatus.OnlyLeft => "only left, ",
            DifferenceStatus.OnlyRight => "only right, ",
            DifferenceStatus.Moved => "moved, ",
            _ => "",
        };
        await WriteAsync(
            output,
            $"<details{open} id=\"{Encoded(Anchor(node.Path))}\"><summary><code>{Encoded(node.Path.Length == 0 ? "." : node.Path)}</code> <span class=\"dim\">({status}{Encoded(node.Kind)}{follows})</span></summary>\n",
            cancellationToken
        );
        foreach (var notice in node.Notices)
            await WriteAsync(output, $"<p>{Encoded(notice)}</p>\n", cancellationToken);
        await WriteChangesAsync(output, node, cancellationToken);
        foreach (var child in node.Children)
            await WriteNodeAsync(output, child, depth + 1, cancellationToken);
        await WriteAsync(output, "</details>\n", cancellationToken);
    }

    private static async Task WriteChangesAsync(TextWriter output, DifferenceNode node, CancellationToken cancellationToken)
    {
        var values = node.Changes.Where(change => change.Left is not null || change.Right is not null).ToList();
        if (values.Count > 0)
        {
            await WriteAsync(output, "<table><tr><th>Place<th>Left<th>Right\n", cancellationToken);
            foreach (var change in values)
                await WriteAsync(
                    output,
                    $"<tr><td>{Encoded(change.Place)}<td class=\"left\">{Encoded(change.Left ?? "")}<td class=\"right\">{Encoded(change.Right ?? "")}\n",
                    cancellationToken
                );
            await WriteAsync(output, "</table>\n", cancellationToken);
        }
        foreach (var change in node.Changes.Where(change => change.Text is not null))
        {
            await WriteAsync(output, "<pre>", cancellationToken);
            foreach (var line in change.Text!.Split('\n'))
                await WriteAsync(output, $"{Line(line)}\n", cancellationToken);
            await WriteAsync(output, "</pre>\n", cancellationToken);
        }
    }

    private static string Line(string line) =>
        line switch
        {
            ['-', ..] => $"<del>{Encoded(line)}</del>",
            ['+', ..] => $"<ins>{Encoded(line)}</ins>",
            _ => Encoded(line),
        };

    private static string File(ComparedFile file) =>
        string.Create(CultureInfo.InvariantCulture, $"{Encoded(file.Path)}<br>{file.Size} bytes<br>SHA-256 {file.Sha256}");

    // Names of strangers may hide or reverse text as well as hold markup.
    private static string Encoded(string text) => HtmlEncoder.Default.Encode(ShownText.Of(text, 4096));

    private static string Anchor(string path) => $"node-{Uri.EscapeDataString(ShownText.Of(path, 300))}";

    private static Task WriteAsync(TextWriter output, string text, CancellationToken cancellationToken) =>
        output.WriteAsync(text.AsMemory(), cancellationToken);
}
