using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Builder.Publishing.Archives;

namespace Builder.Publishing.FreeBsd;

/// <summary>
/// Reads UCL as manifests are written in it: JSON, and its looser form with bare keys and values, <c>=</c> or <c>:</c> or nothing
/// between them, comments and here-documents. Macros, variables and number suffixes mean nothing in a manifest: they are text.
/// </summary>
internal sealed partial class UclReader
{
    private readonly string text;
    private int position;
    private int values;

    private UclReader(string text) => this.text = text;

    /// <exception cref="PackageException">Not UCL.</exception>
    public static JsonObject Read(byte[] bytes, string what)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new PackageException($"{what} is not UTF-8");
        }
        var reader = new UclReader(text);
        try
        {
            reader.SkipSpace();
            var outer = reader.TryTake('{');
            var result = reader.ReadEntries(outer, 0);
            reader.SkipSpace();
            if (reader.position < text.Length)
                throw new FormatException("something follows its end");
            return result;
        }
        catch (FormatException exception)
        {
            throw new PackageException($"{what} cannot be read: {exception.Message} (at character {reader.position})", exception);
        }
    }

    private char Next => position < text.Length ? text[position] : throw new FormatException("it ends in the middle");

    private JsonObject ReadEntries(bool braced, int depth)
    {
        if (depth > ArchiveLimits.MaxNesting)
            throw new FormatException($"it is nested deeper than {ArchiveLimits.MaxNesting}");
        var result = new JsonObject();
        while (true)
        {
            SkipSeparators();
            if (braced && TryTake('}'))
                return result;
            if (position == text.Length)
                return braced ? throw new FormatException("an object does not end") : result;
            var key = ReadKey();
            var value = ReadValue(depth);
            if (!result.TryAdd(key, value))
                throw new FormatException($"\"{key}\" is there twice");
        }
    }

    private string ReadKey()
    {
        if (Next is '"' or '\'')
        {
            var quoted = ReadQuoted();
            SkipKeySeparator();
            return quoted;
        }
        var match = BareKey().Match(text, position);
        if (!match.Success)
            throw new FormatException("a key is missing");
        position += match.Length;
        SkipKeySeparator();
        return match.Value;
    }

    private void SkipKeySeparator()
    {
        SkipSpace();
        if (Next is ':' or '=')
            position++;
        SkipSpace();
    }

    private JsonNode? ReadValue(int depth)
    {
        if (++values > ArchiveLimits.MaxValues)
            throw new FormatException($"it has more than {ArchiveLimits.MaxValues} values");
        switch (Next)
        {
            case '{':
                position++;
                return ReadEntries(braced: true, depth + 1);
            case '[':
                position++;
                return ReadArray(depth + 1);
            case '"' or '\'':
                return JsonValue.Create(ReadQuoted());
            case '<' when HereDocument().Match(text, position) is { Success: true } start:
                return JsonValue.Create(ReadHereDocument(start));
            default:
                return ReadBare();
        }
    }

    private JsonArray ReadArray(int depth)
    {
        if (depth > ArchiveLimits.MaxNesting)
            throw new FormatException($"it is nested deeper than {ArchiveLimits.MaxNesting}");
        var result = new JsonArray();
        while (true)
        {
            SkipSeparators();
            if (TryTake(']'))
                return result;
            result.Add(ReadValue(depth));
        }
    }

    private string ReadQuoted()
    {
        var quote = text[position++];
        var result = new StringBuilder();
        while (Next != quote)
        {
            var c = text[position++];
            result.Append(c == '\\' ? ReadEscape(quote) : c);
        }
        position++;
        return result.ToString();
    }

    private string ReadEscape(char quote)
    {
        var c = Next;
        position++;
        if (quote == '\'')
            return c == '\'' ? "'" : $"\\{c}";
        switch (c)
        {
            case 'n':
                return "\n";
            case 't':
                return "\t";
            case 'r':
                return "\r";
            case 'b':
                return "\b";
            case 'f':
                return "\f";
            case 'u':
                if (
                    position + 4 > text.Length
                    || !ushort.TryParse(
                        text.AsSpan(position, 4),
                        NumberStyles.AllowHexSpecifier,
                        CultureInfo.InvariantCulture,
                        out var code
                    )
                )
                    throw new FormatException("\\u is not followed by four digits");
                position += 4;
                return ((char)code).ToString();
            default:
                return c.ToString();
        }
    }

    private string ReadHereDocument(Match start)
    {
        var begin = position + start.Length;
        var end = text.IndexOf($"\n{start.Groups[1].Value}\n", begin - 1, StringComparison.Ordinal);
        if (end < 0)
            throw new FormatException($"the text that began with {start.Value.Trim()} does not end");
        position = end + start.Groups[1].Length + 1;
        return end < begin ? "" : text[begin..end];
    }

    private JsonValue? ReadBare()
    {
        var match = BareValue().Match(text, position);
        var value = match.Value.TrimEnd();
        if (!match.Success || value.Length == 0)
            throw new FormatException("a value is missing");
        position += match.Length;
        return value switch
        {
            "null" => null,
            "true" or "yes" or "on" => JsonValue.Create(true),
            "false" or "no" or "off" => JsonValue.Create(false),
            _ when Integer().IsMatch(value) && long.TryParse(value, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(
                number
            ),
            _ => JsonValue.Create(value),
        };
    }

    private bool TryTake(char c)
    {
        if (position >= text.Length || text[position] != c)
            return false;
        position++;
        return true;
    }

    private void SkipSpace()
    {
        var match = Space().Match(text, position);
        position += match.Length;
    }

    private void SkipSeparators()
    {
        do SkipSpace();
        while (TryTake(',') || TryTake(';'));
    }

    [GeneratedRegex(@"\G(?:\s|#[^\n]*|/\*(?s:.*?)\*/)*", RegexOptions.CultureInvariant)]
    private static partial Regex Space();

    [GeneratedRegex(@"\G[A-Za-z0-9_/.@$%+~-][^\s:=,;{}\[\]""]*", RegexOptions.CultureInvariant)]
    private static partial Regex BareKey();

    [GeneratedRegex(@"\G[^\n,;{}\[\]""]+", RegexOptions.CultureInvariant)]
    private static partial Regex BareValue();

    [GeneratedRegex(@"\G<<([A-Z]{1,32})\n", RegexOptions.CultureInvariant)]
    private static partial Regex HereDocument();

    [GeneratedRegex(@"\A(?:0|-?[1-9][0-9]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();
}
