using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>
/// Recursive descent over the tokens. Binding, weakest first: <c>|</c>, <c>&amp;</c> (both to the left), <c>! ?</c>, <c>{}</c>, relational.
/// </summary>
internal sealed class OpamParser
{
    private readonly OpamLexer lexer;
    private OpamToken token;
    private int nodes;
    private int nesting;

    // Height of the value that was read last.
    private int height;

    private OpamParser(ReadOnlyMemory<byte> source, string file)
    {
        lexer = new OpamLexer(source, file);
        if (source.Length > OpamLimits.Bytes)
            throw lexer.Error(0, $"at most {OpamLimits.Bytes / (1024 * 1024)} MiB were expected, not {source.Length} bytes");
    }

    public static ImmutableArray<OpamItem> Parse(ReadOnlyMemory<byte> source, string file)
    {
        try
        {
            return new OpamParser(source, file).ParseFile();
        }
        catch (OpamSyntaxException) when (FutureHeader(source, file) is { } header)
        {
            // A newer format may have a syntax that nobody here knows. As opam does: its version, and a section that no file can hold.
            return [header, new OpamItem.Section("#", null, [])];
        }
    }

    private static OpamItem.Field? FutureHeader(ReadOnlyMemory<byte> source, string file)
    {
        var lexer = new OpamLexer(source, file);
        try
        {
            if (
                lexer.Next() != OpamToken.Ident
                || lexer.Text != FormatVersion.FieldName
                || lexer.Next() != OpamToken.Colon
                || lexer.Next() != OpamToken.String
            )
                return null;
        }
        catch (OpamSyntaxException)
        {
            return null;
        }
        return source.Length <= OpamLimits.Bytes && FormatVersion.Parse(lexer.String) > FormatVersion.Newest
            ? new OpamItem.Field(FormatVersion.FieldName, new OpamValue.Text(lexer.String))
            : null;
    }

    private ImmutableArray<OpamItem> ParseFile()
    {
        Advance();
        var items = ImmutableArray.CreateBuilder<OpamItem>();
        FormatVersion? header = null;
        while (token != OpamToken.End)
        {
            var start = lexer.Start;
            var item = ParseItem("a field, a section or the end of the file was expected");
            if (item is OpamItem.Field { Name: FormatVersion.FieldName, Value: OpamValue.Text version })
                CheckVersion(start, FormatVersion.Parse(version.Value), isFirst: items.Count == 0, ref header);
            items.Add(item);
        }
        return items.DrainToImmutable();
    }

    private void CheckVersion(int start, FormatVersion version, bool isFirst, ref FormatVersion? header)
    {
        if (isFirst)
            header = version;
        else if (header >= FormatVersion.Single)
            throw lexer.Error(start, "opam-version must stand once only, at the top");
        else if (version > FormatVersion.Oldest)
            throw lexer.Error(start, "opam-version must be the first field of the file");
    }

    private OpamItem ParseItem(string expected)
    {
        if (token != OpamToken.Ident)
            throw Unexpected(expected);
        Count();
        var name = lexer.Text;
        Advance();
        if (token == OpamToken.Colon)
        {
            Advance();
            return new OpamItem.Field(name, ParseValue());
        }
        OpamText? title = null;
        if (token == OpamToken.String)
        {
            title = lexer.String;
            Advance();
        }
        if (token != OpamToken.LeftBrace)
            throw Unexpected(title is null ? $"':' or '{{' after '{name}' was expected" : "'{' was expected");
        return new OpamItem.Section(name, title, ParseSectionItems());
    }

    private ImmutableArray<OpamItem> ParseSectionItems()
    {
        Enter();
        Advance();
        var items = ImmutableArray.CreateBuilder<OpamItem>();
        while (token != OpamToken.RightBrace)
            items.Add(ParseItem("a field, a section or '}' was expected"));
        Leave();
        Advance();
        return items.DrainToImmutable();
    }

    private OpamValue ParseValue() => ParseChain(OpamToken.Or, ParseConjunction);

    private OpamValue ParseConjunction() => ParseChain(OpamToken.And, ParsePrefixed);

    private OpamValue ParseChain(OpamToken link, Func<OpamValue> parseTerm)
    {
        var left = parseTerm();
        if (token != link)
            return left;
        var tallest = height;
        while (token == link)
        {
            Count();
            var text = lexer.Text;
            Advance();
            left = new OpamValue.Logical(text, left, parseTerm());
            tallest = Math.Max(tallest, height);
        }
        Grow(tallest);
        return left;
    }

    private OpamValue ParsePrefixed()
    {
        if (token != OpamToken.Prefix)
            return ParseOptions(ParsePrimary());
        Count();
        Enter();
        var text = lexer.Text;
        Advance();
        var argument = ParsePrefixed();
        Leave();
        Grow(height);
        return new OpamValue.Prefix(text, argument);
    }

    private OpamValue ParseOptions(OpamValue value)
    {
        while (token == OpamToken.LeftBrace)
        {
            Count();
            var valueHeight = height;
            var options = ParseValues(OpamToken.RightBrace, "a value or '}' was expected");
            Grow(Math.Max(valueHeight, height - 1));
            value = new OpamValue.Option(value, options);
        }
        return value;
    }

    private OpamValue ParsePrimary()
    {
        switch (token)
        {
            case OpamToken.LeftBracket:
                Count();
                return new OpamValue.List(ParseValues(OpamToken.RightBracket, "a value or ']' was expected"));
            case OpamToken.LeftParenthesis:
                Count();
                return new OpamValue.Group(ParseValues(OpamToken.RightParenthesis, "a value or ')' was expected"));
            case OpamToken.Relational:
                Count();
                var prefix = lexer.Text;
                Advance();
                var argument = ParseAtom();
                height = 2;
                return new OpamValue.PrefixRelational(prefix, argument);
            default:
                return ParseRelation();
        }
    }

    private OpamValue ParseRelation()
    {
        var left = ParseAtom();
        if (token is not (OpamToken.Relational or OpamToken.Environment))
            return left;
        Count();
        var (kind, text) = (token, lexer.Text);
        Advance();
        var right = ParseAtom();
        height = 2;
        return kind == OpamToken.Relational ? new OpamValue.Relational(text, left, right) : new OpamValue.Environment(text, left, right);
    }

    private OpamValue ParseAtom()
    {
        OpamValue atom = token switch
        {
            OpamToken.Ident => new OpamValue.Ident(lexer.Text),
            OpamToken.String => new OpamValue.Text(lexer.String),
            OpamToken.Number => new OpamValue.Number(lexer.Number),
            OpamToken.Flag => new OpamValue.Flag(lexer.Flag),
            _ => throw Unexpected("a value was expected"),
        };
        Count();
        height = 1;
        Advance();
        return atom;
    }

    private ImmutableArray<OpamValue> ParseValues(OpamToken close, string expected)
    {
        Enter();
        Advance();
        var tallest = 0;
        var values = ImmutableArray.CreateBuilder<OpamValue>(initialCapacity: 4);
        while (token != close)
        {
            if (token is OpamToken.End or OpamToken.RightBrace or OpamToken.RightBracket or OpamToken.RightParenthesis)
                throw Unexpected(expected);
            values.Add(ParseValue());
            tallest = Math.Max(tallest, height);
        }
        Leave();
        Advance();
        Grow(tallest);
        return values.DrainToImmutable();
    }

    private void Advance() => token = lexer.Next();

    private void Count()
    {
        if (++nodes > OpamLimits.Nodes)
            throw lexer.Error(lexer.Start, $"at most {OpamLimits.Nodes} fields and values were expected");
    }

    private void Enter()
    {
        if (++nesting > OpamLimits.Depth)
            throw TooDeep();
    }

    private void Leave() => nesting--;

    private void Grow(int tallest)
    {
        height = tallest + 1;
        if (height > OpamLimits.Depth)
            throw TooDeep();
    }

    private OpamSyntaxException TooDeep() => lexer.Error(lexer.Start, $"at most {OpamLimits.Depth} levels of nesting were expected");

    private OpamSyntaxException Unexpected(string expected) =>
        lexer.Error(lexer.Start, token == OpamToken.End ? $"{expected}, not the end of the file" : expected);
}
