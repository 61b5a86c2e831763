using System.Collections.Immutable;
using System.Text;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Advisories;

/// <summary>
/// An advisory of the OCaml security team (github.com/ocaml/security-advisories): between two lines of <c>```</c> fields in opam's syntax,
/// then a title and text in Markdown.
/// </summary>
public static class OpamAdvisory
{
    private const string Fence = "```";

    /// <summary>Whether a Markdown file says that it is an advisory: its first line with text is a fence.</summary>
    public static bool IsOne(string text) => FirstLine(text).StartsWith(Fence, StringComparison.Ordinal);

    /// <param name="file">For messages.</param>
    /// <exception cref="AdvisoryException">It is no advisory.</exception>
    public static Advisory Read(ReadOnlyMemory<byte> bytes, string file)
    {
        if (bytes.Length > AdvisoryLimits.MaxFileLength)
            throw new AdvisoryException($"{file}: an advisory has at most {AdvisoryLimits.MaxFileLength >> 20} MiB");
        var (header, title, details) = Cut(Encoding.UTF8.GetString(bytes.Span).TrimStart('\uFEFF').ReplaceLineEndings("\n"), file);
        if (!OpamFile.TryParse(Encoding.UTF8.GetBytes(header), file, out var fields, out var error))
            throw new AdvisoryException(error.Message);
        var id = Single(fields, "id", file) ?? throw new AdvisoryException($"{file}: the field id is missing");
        if (!AdvisoryId.IsValid(id))
            throw new AdvisoryException($"{file}: the id {AdvisoryText.Quote(id)} is not made of letters, digits and . _ : -");
        var alternatives = OpamAffected.Read(Fields(fields, "affected"), file);
        if (alternatives.IsEmpty)
            throw new AdvisoryException($"{file}: the field affected is missing");
        return new Advisory(
            id,
            AdvisoryText.Short(title.Length > 0 ? title : id),
            Single(fields, "published", file),
            Single(fields, "modified", file),
            Single(fields, "withdrawn", file),
            Words(fields, "aliases", file),
            Single(fields, "severity", file),
            Single(fields, "severity_score", file),
            alternatives,
            Words(fields, "affected_bindings", file),
            References(fields),
            details
        );
    }

    private static (string Header, string Title, string Details) Cut(string text, string file)
    {
        var lines = text.Split('\n');
        var start = Array.FindIndex(lines, static line => line.Trim().Length > 0);
        if (start < 0 || !lines[start].TrimEnd().StartsWith(Fence, StringComparison.Ordinal))
            throw new AdvisoryException($"{file}: an advisory starts with a line of {Fence}");
        var end = Array.FindIndex(lines, start + 1, static line => line.TrimEnd() == Fence);
        if (end < 0)
            throw new AdvisoryException($"{file}: the line of {Fence} behind the fields is missing");
        var body = Array.FindIndex(lines, end + 1, static line => line.Trim().Length > 0);
        var hasTitle = body >= 0 && lines[body].StartsWith('#');
        // Lines before the fields stay as empty ones: messages count lines of the file.
        var header = new string('\n', start + 1) + string.Join('\n', lines[(start + 1)..end]);
        return (
            header,
            hasTitle ? lines[body].TrimStart('#').Trim() : "",
            body < 0 ? "" : string.Join('\n', lines[(hasTitle ? body + 1 : body)..]).Trim()
        );
    }

    private static IEnumerable<OpamValue> Fields(OpamFile file, string name) =>
        file.Items.OfType<OpamItem.Field>().Where(field => field.Name == name).Select(field => field.Value);

    private static string? Single(OpamFile fields, string name, string file) =>
        Words(fields, name, file) switch
        {
            [] => null,
            [var word] => word,
            _ => throw new AdvisoryException($"{file}: the field {name} has more than one value"),
        };

    private static ImmutableArray<string> Words(OpamFile fields, string name, string file)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        foreach (var value in Fields(fields, name))
        {
            foreach (var element in value is OpamValue.List list ? list.Values : [value])
            {
                words.Add(
                    AdvisoryText.Short(
                        element switch
                        {
                            OpamValue.Text text => text.Value.ToString(),
                            OpamValue.Ident ident => ident.Name,
                            OpamValue.Number number => number.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
                            _ => throw new AdvisoryException($"{file}: the field {name} has a value that is neither a name nor a text"),
                        }
                    )
                );
                if (words.Count > AdvisoryLimits.MaxItems)
                    throw new AdvisoryException($"{file}: the field {name} has more than {AdvisoryLimits.MaxItems} values");
            }
        }
        return words.DrainToImmutable();
    }

    // [[fix "https://…"] [report "https://…"]], or the only one without the outer brackets.
    private static ImmutableArray<string> References(OpamFile fields)
    {
        var references = ImmutableArray.CreateBuilder<string>();
        foreach (var value in Fields(fields, "references").SelectMany(static value => OpamShape.Entries(value)))
        {
            if (value is OpamValue.List { Values: [_, OpamValue.Text url] } && references.Count < AdvisoryLimits.MaxTerms)
                references.Add(AdvisoryText.Short(url.Value.ToString()));
        }
        return references.DrainToImmutable();
    }

    private static string FirstLine(string text)
    {
        var start = text.AsSpan().TrimStart('\uFEFF').TrimStart();
        var end = start.IndexOf('\n');
        return (end < 0 ? start : start[..end]).ToString();
    }
}
