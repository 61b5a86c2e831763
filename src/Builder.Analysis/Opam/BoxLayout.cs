using System.Buffers;

namespace Builder.Analysis.Opam;

/// <summary>
/// The pretty printer behind opam's normal form: boxes, breaks and text in the manner of Oppen, deciding as OCaml's Format does:
/// a box or a break is settled when its size is known, or when what waits behind it no longer fits the line. So little more than a line waits.
/// </summary>
internal sealed class BoxLayout
{
    private const int Margin = 78;
    private const int DeepestIndent = 68;
    private const int Endless = 1_000_000_000;

    private readonly IBufferWriter<byte> output;
    private readonly Stack<Unsized> unsized = new();
    private readonly Stack<OpenBox> boxes = new();
    private Token[] ring = new Token[64];
    private int first;
    private int end;
    private int settled = 1;
    private int queued = 1;
    private int spaceLeft = Margin;

    public BoxLayout(IBufferWriter<byte> output)
    {
        this.output = output;
        Open(BoxKind.Packed);
    }

    public enum BoxKind
    {
        /// <summary>Breaks are blanks.</summary>
        Horizontal,

        /// <summary>Breaks are new lines.</summary>
        Vertical,

        /// <summary>All breaks are blanks, or all are new lines.</summary>
        AllOrNothing,

        /// <summary>A break is a new line only where the piece behind it does not fit.</summary>
        Packed,

        /// <summary>A box that was seen to fit its line.</summary>
        Fitting,
    }

    private enum TokenKind
    {
        Text,
        Break,
        Open,
        Close,
    }

    public void Open(BoxKind kind, int indent = 0)
    {
        Enqueue(
            new Token
            {
                Kind = TokenKind.Open,
                Box = kind,
                Indent = indent,
                Size = -queued,
            }
        );
        unsized.Push(new Unsized(end - 1, queued, TokenKind.Open));
    }

    public void Close()
    {
        Enqueue(new Token { Kind = TokenKind.Close });
        Measure(TokenKind.Break);
        Measure(TokenKind.Open);
    }

    /// <summary><paramref name="width"/> blanks where the line goes on, else a new line with <paramref name="indent"/> more than its box.</summary>
    public void Break(int width, int indent = 0)
    {
        Enqueue(
            new Token
            {
                Kind = TokenKind.Break,
                Indent = indent,
                Length = width,
                Size = -queued,
            }
        );
        Measure(TokenKind.Break);
        unsized.Push(new Unsized(end - 1, queued, TokenKind.Break));
    }

    public void Text(ReadOnlyMemory<byte> text)
    {
        Enqueue(
            new Token
            {
                Kind = TokenKind.Text,
                Text = text,
                Length = text.Length,
                Size = text.Length,
            }
        );
        SettleWhatIsKnown();
    }

    /// <summary>Prints what still waits.</summary>
    public void Finish()
    {
        queued = Endless;
        SettleWhatIsKnown();
    }

    private void Enqueue(Token token)
    {
        if (end - first == ring.Length)
            GrowRing();
        ring[end++ & (ring.Length - 1)] = token;
        queued += token.Length;
    }

    private void GrowRing()
    {
        var larger = new Token[ring.Length * 2];
        for (var i = first; i < end; i++)
            larger[i & (larger.Length - 1)] = ring[i & (ring.Length - 1)];
        ring = larger;
    }

    // Gives the innermost box or break that waits for its size the distance to here.
    private void Measure(TokenKind kind)
    {
        if (!unsized.TryPeek(out var waiting))
            return;
        if (waiting.Position < settled)
        {
            unsized.Clear();
            return;
        }
        if (waiting.Kind != kind)
            return;
        unsized.Pop();
        if (waiting.Index >= first)
            ring[waiting.Index & (ring.Length - 1)].Size += queued;
    }

    private void SettleWhatIsKnown()
    {
        while (first < end)
        {
            ref var token = ref ring[first & (ring.Length - 1)];
            if (token.Size < 0 && queued - settled < spaceLeft)
                return;
            var length = token.Length;
            Settle(token, token.Size < 0 ? Endless : token.Size);
            token = default;
            first++;
            settled += length;
        }
        (first, end) = (0, 0);
        unsized.Clear();
    }

    private void Settle(in Token token, int size)
    {
        switch (token.Kind)
        {
            case TokenKind.Text:
                spaceLeft -= size;
                output.Write(token.Text.Span);
                break;
            case TokenKind.Open:
                if (Margin - spaceLeft > DeepestIndent)
                    LeaveDeepLine();
                var kind = token.Box != BoxKind.Vertical && size <= spaceLeft ? BoxKind.Fitting : token.Box;
                boxes.Push(new OpenBox(kind, spaceLeft - token.Indent));
                break;
            case TokenKind.Close:
                boxes.Pop();
                break;
            case TokenKind.Break:
                SettleBreak(token, size);
                break;
            default:
                throw new InvalidOperationException($"No such token: {token.Kind}.");
        }
    }

    private void SettleBreak(in Token token, int size)
    {
        var box = boxes.Peek();
        var isNewLine = box.Kind switch
        {
            BoxKind.Packed => size > spaceLeft,
            BoxKind.Vertical or BoxKind.AllOrNothing => true,
            _ => false,
        };
        if (isNewLine)
        {
            NewLine(box, token.Indent);
            return;
        }
        spaceLeft -= token.Length;
        Blanks(token.Length);
    }

    // No box opens beyond the deepest indent while a line can be broken before it.
    private void LeaveDeepLine()
    {
        if (boxes.TryPeek(out var box) && box.Space > spaceLeft && box.Kind is not (BoxKind.Fitting or BoxKind.Horizontal))
            NewLine(box, 0);
    }

    private void NewLine(OpenBox box, int indent)
    {
        var column = Math.Min(DeepestIndent, Margin - box.Space + indent);
        spaceLeft = Margin - column;
        output.Write("\n"u8);
        Blanks(column);
    }

    private void Blanks(int count)
    {
        if (count <= 0)
            return;
        output.GetSpan(count)[..count].Fill((byte)' ');
        output.Advance(count);
    }

    private struct Token
    {
        public TokenKind Kind;
        public BoxKind Box;
        public int Indent;
        public int Length;

        /// <summary>To the next break or the close; negative as long as it is not known.</summary>
        public int Size;
        public ReadOnlyMemory<byte> Text;
    }

    private readonly record struct Unsized(int Index, int Position, TokenKind Kind);

    private readonly record struct OpenBox(BoxKind Kind, int Space);
}
