using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Builder.Analysis.Opam;

/// <summary>Cuts the bytes of an opam file into tokens, the longest match first.</summary>
internal sealed class OpamLexer(ReadOnlyMemory<byte> source, string file)
{
    private static readonly SearchValues<byte> StringStops = SearchValues.Create("\"\\\r"u8);
    private static readonly SearchValues<byte> CommentStops = SearchValues.Create("(*"u8);

    // The same few hundred identifiers fill every file: one string each, however often they stand there.
    private readonly string?[] identifiers = new string?[1024];

    private int position;

    /// <summary>Where the token that was read last begins.</summary>
    public int Start { get; private set; }

    public string Text { get; private set; } = "";

    public OpamText String { get; private set; }

    public long Number { get; private set; }

    public bool Flag { get; private set; }

    public OpamToken Next()
    {
        SkipBlanksAndComments();
        Start = position;
        if (position == source.Length)
            return OpamToken.End;
        var rest = source.Span[position..];
        switch (rest[0])
        {
            case (byte)'"':
                ReadString(triple: rest.StartsWith("\"\"\""u8));
                return OpamToken.String;
            case (byte)'{':
                return Punctuation(OpamToken.LeftBrace, "{");
            case (byte)'}':
                return Punctuation(OpamToken.RightBrace, "}");
            case (byte)'[':
                return Punctuation(OpamToken.LeftBracket, "[");
            case (byte)']':
                return Punctuation(OpamToken.RightBracket, "]");
            case (byte)'(':
                return Punctuation(OpamToken.LeftParenthesis, "(");
            case (byte)')':
                return Punctuation(OpamToken.RightParenthesis, ")");
            case (byte)'&':
                return Punctuation(OpamToken.And, "&");
            case (byte)'|':
                return Punctuation(OpamToken.Or, "|");
            case (byte)'?':
                return Punctuation(OpamToken.Prefix, "?");
            default:
                return IsWordByte(rest[0]) ? ReadWord() : ReadOperator(rest);
        }
    }

    public OpamSyntaxException Error(int at, string reason)
    {
        var before = source.Span[..at];
        var line = before.Count((byte)'\n') + 1;
        return new OpamSyntaxException(file, line, at - before.LastIndexOf((byte)'\n'), reason);
    }

    private OpamToken Punctuation(OpamToken token, string text)
    {
        position += text.Length;
        Text = text;
        return token;
    }

    private OpamToken ReadOperator(ReadOnlySpan<byte> rest)
    {
        if (rest.StartsWith("=:="u8))
            throw Error(position, "'=:=' is no operator; one of = != < <= > >= ~ += := =+ =+= =: was expected");
        return rest switch
        {
            [(byte)'=', (byte)'+', (byte)'=', ..] => Punctuation(OpamToken.Environment, "=+="),
            [(byte)'=', (byte)'+', ..] => Punctuation(OpamToken.Environment, "=+"),
            [(byte)'=', (byte)':', ..] => Punctuation(OpamToken.Environment, "=:"),
            [(byte)'+', (byte)'=', ..] => Punctuation(OpamToken.Environment, "+="),
            [(byte)':', (byte)'=', ..] => Punctuation(OpamToken.Environment, ":="),
            [(byte)':', ..] => Punctuation(OpamToken.Colon, ":"),
            [(byte)'!', (byte)'=', ..] => Punctuation(OpamToken.Relational, "!="),
            [(byte)'!', ..] => Punctuation(OpamToken.Prefix, "!"),
            [(byte)'<', (byte)'=', ..] => Punctuation(OpamToken.Relational, "<="),
            [(byte)'<', ..] => Punctuation(OpamToken.Relational, "<"),
            [(byte)'>', (byte)'=', ..] => Punctuation(OpamToken.Relational, ">="),
            [(byte)'>', ..] => Punctuation(OpamToken.Relational, ">"),
            [(byte)'=', ..] => Punctuation(OpamToken.Relational, "="),
            [(byte)'~', ..] => ReadTilde(),
            _ => throw Error(position, $"{Show(rest)} is not a valid token"),
        };
    }

    private OpamToken ReadTilde()
    {
        position++;
        Text = ">=";
        return OpamToken.Relational;
    }

    // A word is an identifier where a letter is in it, else a number: 1_000, -12, 4x, --a.
    private OpamToken ReadWord()
    {
        var rest = source.Span[position..];
        var length = IdentifierLength(rest);
        var number = NumberLength(rest);
        if (length == 0 && number == 0)
            throw Error(position, $"{Show(rest)} is not a valid token");
        if (length <= number)
            return ReadNumber(rest[..number]);
        if (length > OpamLimits.Identifier)
            throw Error(position, $"an identifier of at most {OpamLimits.Identifier} bytes was expected");
        position += length;
        var word = rest[..length];
        if (word.SequenceEqual("true"u8) || word.SequenceEqual("false"u8))
        {
            Flag = length == 4;
            Text = Flag ? "true" : "false";
            return OpamToken.Flag;
        }
        Text = Identifier(word);
        return OpamToken.Ident;
    }

    private static int IdentifierLength(ReadOnlySpan<byte> text)
    {
        var length = PartLength(text, allowUnderscore: true);
        if (length == 0)
            return 0;
        while (length + 1 < text.Length && text[length] == '+')
        {
            var part = PartLength(text[(length + 1)..], allowUnderscore: true);
            if (part == 0)
                return length;
            length += 1 + part;
        }
        if (length + 1 < text.Length && text[length] == ':' && PartLength(text[(length + 1)..], allowUnderscore: false) is > 0 and var last)
            length += 1 + last;
        return length;
    }

    private static int PartLength(ReadOnlySpan<byte> text, bool allowUnderscore)
    {
        var end = 0;
        var hasLetter = false;
        for (; end < text.Length && IsWordByte(text[end]); end++)
            hasLetter |= char.IsAsciiLetter((char)text[end]);
        if (hasLetter)
            return end;
        return allowUnderscore && end > 0 && text[0] == '_' ? 1 : 0;
    }

    private static int NumberLength(ReadOnlySpan<byte> text)
    {
        var sign = text[0] == '-' ? 1 : 0;
        var end = sign;
        while (end < text.Length && (char.IsAsciiDigit((char)text[end]) || text[end] == '_'))
            end++;
        return end == sign ? 0 : end;
    }

    private OpamToken ReadNumber(ReadOnlySpan<byte> word)
    {
        Span<byte> digits = stackalloc byte[20];
        var count = 0;
        var startsWithDigit = char.IsAsciiDigit((char)word[word[0] == '-' ? 1 : 0]);
        foreach (var c in word)
        {
            if (c == '_' || (c == '0' && (count == 0 || (count == 1 && digits[0] == '-'))))
                continue;
            if (count == digits.Length)
                throw Error(position, "an integer of at most 63 bits was expected");
            digits[count++] = c;
        }
        if (!startsWithDigit)
            throw Error(position, $"{Show(word)} is not a valid token");
        long value = 0;
        var isZero = count == 0 || (count == 1 && digits[0] == '-');
        if (
            !isZero
            && (!Utf8Parser.TryParse(digits[..count], out value, out var used) || used != count || value is > MaxNumber or < MinNumber)
        )
            throw Error(position, "an integer of at most 63 bits was expected");
        position += word.Length;
        Number = value;
        return OpamToken.Number;
    }

    private const long MaxNumber = (1L << 62) - 1;
    private const long MinNumber = -(1L << 62);

    private string Identifier(ReadOnlySpan<byte> word)
    {
        var hash = (uint)word.Length;
        foreach (var c in word)
            hash = (hash * 31) + c;
        ref var known = ref identifiers[hash % (uint)identifiers.Length];
        if (known is null || !Ascii.Equals(word, known))
            known = Encoding.ASCII.GetString(word);
        return known;
    }

    private void SkipBlanksAndComments()
    {
        var span = source.Span;
        while (position < span.Length)
        {
            switch (span[position])
            {
                case (byte)' ' or (byte)'\t' or (byte)'\n':
                    position++;
                    break;
                case (byte)'\r' when position + 1 < span.Length && span[position + 1] == '\n':
                    position += 2;
                    break;
                case (byte)'#':
                    var lineEnd = span[position..].IndexOf((byte)'\n');
                    position = lineEnd < 0 ? span.Length : position + lineEnd + 1;
                    break;
                case (byte)'(' when position + 1 < span.Length && span[position + 1] == '*':
                    SkipComment();
                    break;
                default:
                    return;
            }
        }
    }

    private void SkipComment()
    {
        var start = position;
        var span = source.Span;
        var depth = 0;
        do
        {
            var stop = span[position..].IndexOfAny(CommentStops);
            if (stop < 0)
                throw Error(span.Length, $"the end of the comment that begins on line {Error(start, "").Line} was expected");
            position += stop;
            var step = span[position..] switch
            {
                [(byte)'(', (byte)'*', ..] => 1,
                [(byte)'*', (byte)')', ..] => -1,
                _ => 0,
            };
            depth += step;
            position += step == 0 ? 1 : 2;
        } while (depth > 0);
    }

    private void ReadString(bool triple)
    {
        var start = position;
        position += triple ? 3 : 1;
        var span = source.Span;
        var from = position;
        ArrayBufferWriter<byte>? unescaped = null;
        while (true)
        {
            var stop = span[position..].IndexOfAny(StringStops);
            if (stop < 0)
                throw Error(span.Length, $"the end of the string that begins on line {Error(start, "").Line} was expected");
            position += stop;
            if (span[position] == '"')
            {
                if (triple && !span[position..].StartsWith("\"\"\""u8))
                {
                    position++;
                    continue;
                }
                unescaped?.Write(span[from..position]);
                String = new OpamText(unescaped?.WrittenMemory ?? source[from..position]);
                position += triple ? 3 : 1;
                return;
            }
            if (span[position] == '\r' && !span[position..].StartsWith("\r\n"u8))
            {
                position++;
                continue;
            }
            unescaped ??= new ArrayBufferWriter<byte>();
            unescaped.Write(span[from..position]);
            if (span[position] == '\r')
                position++;
            else
                ReadEscape(unescaped);
            from = position;
        }
    }

    private void ReadEscape(ArrayBufferWriter<byte> unescaped)
    {
        var rest = source.Span[(position + 1)..];
        switch (rest)
        {
            case [(byte)'\n', ..] or [(byte)'\r', (byte)'\n', ..]:
                position += rest[0] == '\r' ? 3 : 2;
                var blanks = source.Span[position..].IndexOfAnyExcept((byte)' ', (byte)'\t');
                position = blanks < 0 ? source.Length : position + blanks;
                return;
            case [(byte)'\\' or (byte)'"' or (byte)'\'' or (byte)' ', ..]:
                Append(rest[0], 2);
                return;
            case [(byte)'n', ..]:
                Append((byte)'\n', 2);
                return;
            case [(byte)'r', ..]:
                Append((byte)'\r', 2);
                return;
            case [(byte)'t', ..]:
                Append((byte)'\t', 2);
                return;
            case [(byte)'b', ..]:
                Append((byte)'\b', 2);
                return;
            case [>= (byte)'0' and <= (byte)'9', >= (byte)'0' and <= (byte)'9', >= (byte)'0' and <= (byte)'9', ..]:
                var code = ((rest[0] - '0') * 100) + ((rest[1] - '0') * 10) + (rest[2] - '0');
                if (code > byte.MaxValue)
                    throw Error(
                        position,
                        $"a decimal escape of at most \\255 was expected, not {Encoding.ASCII.GetString(source.Span.Slice(position, 4))}"
                    );
                Append((byte)code, 4);
                return;
            case [(byte)'x', var high, var low, ..] when char.IsAsciiHexDigit((char)high) && char.IsAsciiHexDigit((char)low):
                Append(Convert.FromHexString(Encoding.ASCII.GetString(rest.Slice(1, 2)))[0], 4);
                return;
            default:
                throw Error(
                    position,
                    @"one of the escapes \\ \"" \' \n \r \t \b \DDD \xHH, or a backslash before a blank or the end of a line, was expected"
                );
        }

        void Append(byte value, int length)
        {
            unescaped.GetSpan(1)[0] = value;
            unescaped.Advance(1);
            position += length;
        }
    }

    private static bool IsWordByte(byte c) => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'_' or (byte)'-';

    private static string Show(ReadOnlySpan<byte> text) => text[0] is > 0x20 and < 0x7f ? $"'{(char)text[0]}'" : $"byte 0x{text[0]:x2}";
}
