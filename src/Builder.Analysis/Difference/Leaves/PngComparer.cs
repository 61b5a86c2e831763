using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>PNG (ISO/IEC 15948) by chunks: times and texts by name, and whether the pixels or only their compression differ.</summary>
internal sealed class PngComparer : IContentComparer
{
    private const int MaxChunks = 10_000;
    private const int MaxText = 1 << 16;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    public bool Takes(Content left, Content right) => left.StartsWith(Magic) && right.StartsWith(Magic);

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var node = new DifferenceNode(pair.Path, "PNG");
        var (left, right) = (Chunks(pair.Left), Chunks(pair.Right));
        var others = right.Where(chunk => chunk.Type != "IDAT").ToList();
        foreach (var chunk in left.Where(chunk => chunk.Type != "IDAT"))
        {
            var at = others.FindIndex(other => Key(pair.Right, other) == Key(pair.Left, chunk));
            var other = at < 0 ? (PngChunk?)null : others[at];
            if (at >= 0)
                others.RemoveAt(at);
            Compare(node, pair, chunk, other, context);
        }
        foreach (var chunk in others)
            Compare(node, pair, null, chunk, context);
        ComparePixels(node, pair, left, right, context);
        if (node.Causes.Count == 0)
            Add(
                node,
                pair,
                context,
                CauseKind.Ordering,
                "order of chunks",
                string.Join(' ', left.Select(chunk => chunk.Type).Distinct()),
                string.Join(' ', right.Select(chunk => chunk.Type).Distinct())
            );
        return ValueTask.FromResult(node);
    }

    private static List<PngChunk> Chunks(Content content)
    {
        var chunks = new List<PngChunk>();
        for (long offset = Magic.Length; offset < content.Length; )
        {
            var header = content.Read(offset, 8);
            if (header.Length < 8 || chunks.Count == MaxChunks)
                throw new InvalidDataException("the PNG file is truncated or has too many chunks");
            var length = BinaryPrimitives.ReadUInt32BigEndian(header);
            if (length > int.MaxValue || length + 12 > content.Length - offset)
                throw new InvalidDataException($"a chunk of the PNG file at offset {offset} reaches beyond the end");
            chunks.Add(new PngChunk(Encoding.Latin1.GetString(header, 4, 4), offset + 8, (int)length));
            offset += 12 + length;
        }
        return chunks;
    }

    private static void Compare(DifferenceNode node, ContentPair pair, PngChunk? left, PngChunk? right, DifferenceContext context)
    {
        var (a, b) = (left is { } l ? Value(pair.Left, l) : "", right is { } r ? Value(pair.Right, r) : "");
        if (a == b && left is not null && right is not null && left.Value.Length == right.Value.Length)
            return;
        var place = left is { } known ? Key(pair.Left, known) : Key(pair.Right, right!.Value);
        var kind =
            place == "tIME" ? CauseKind.Timestamp
            : left is null || right is null ? CauseKind.Content
            : context.Causes.Find($"{place}: {a}", $"{place}: {b}");
        Add(node, pair, context, kind, place, a, b);
    }

    private static void Add(
        DifferenceNode node,
        ContentPair pair,
        DifferenceContext context,
        CauseKind kind,
        string place,
        string left,
        string right
    )
    {
        node.Changes.Add(new Change(ChangeType.Field, place, Causes.CauseFinder.Shown(left), Causes.CauseFinder.Shown(right)));
        var fix =
            kind == CauseKind.Timestamp
                ? "Write no time into pictures: convert +set date:create +set date:modify -define png:exclude-chunks=date,time, or strip them with optipng."
                : null;
        node.Causes.Add(context.Causes.Create(kind, pair.PlaceOf(place), left, right, fix: fix));
    }

    private static void ComparePixels(
        DifferenceNode node,
        ContentPair pair,
        List<PngChunk> left,
        List<PngChunk> right,
        DifferenceContext context
    )
    {
        var (a, b) = (Idat(pair.Left, left), Idat(pair.Right, right));
        if (a.AsSpan().SequenceEqual(b))
            return;
        using var leftPixels = Inflate(a, context, true);
        using var rightPixels = Inflate(b, context, false);
        if (Content.AreEqual(leftPixels, rightPixels, context.CancellationToken))
            Add(node, pair, context, CauseKind.Compression, "compression of pixels", $"{a.Length} bytes", $"{b.Length} bytes");
        else
            Add(node, pair, context, CauseKind.Content, "pixels", $"{leftPixels.Length} bytes", $"{rightPixels.Length} bytes");
    }

    private static byte[] Idat(Content content, List<PngChunk> chunks)
    {
        var data = new MemoryStream();
        foreach (var chunk in chunks.Where(chunk => chunk.Type == "IDAT"))
        {
            if (data.Length + chunk.Length > 16 << 20)
                throw new InvalidDataException("the PNG file has more than 16 MiB of packed pixels");
            data.Write(content.Read(chunk.Offset, chunk.Length));
        }
        return data.ToArray();
    }

    private static Content Inflate(byte[] packed, DifferenceContext context, bool isLeft)
    {
        try
        {
            using var stream = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            return context.Unpack("pixels", stream, packed.Length, isLeft);
        }
        catch (Exception exception) when (Containers.Packed.IsOfLibrary(exception))
        {
            throw new InvalidDataException($"the pixels of the PNG file cannot be unpacked: {exception.Message}", exception);
        }
    }

    // Texts are told apart by their keyword.
    private static string Key(Content content, PngChunk chunk)
    {
        if (chunk.Type is not ("tEXt" or "zTXt" or "iTXt"))
            return chunk.Type;
        var start = content.Read(chunk.Offset, Math.Min(chunk.Length, 80));
        var end = start.AsSpan().IndexOf((byte)0);
        return $"{chunk.Type} {Encoding.Latin1.GetString(start, 0, end < 0 ? start.Length : end)}";
    }

    private static string Value(Content content, PngChunk chunk)
    {
        var data = content.Read(chunk.Offset, Math.Min(chunk.Length, MaxText));
        if (chunk.Type == "tIME" && data.Length == 7)
        {
            var year = BinaryPrimitives.ReadUInt16BigEndian(data);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{year:d4}-{data[2]:d2}-{data[3]:d2} {data[4]:d2}:{data[5]:d2}:{data[6]:d2}"
            );
        }
        if (chunk.Type is "tEXt" or "iTXt")
            return Encoding.UTF8.GetString(data.AsSpan(Math.Max(0, data.AsSpan().IndexOf((byte)0))).Trim((byte)0));
        return Convert.ToHexStringLower(data.AsSpan(0, Math.Min(data.Length, 4096)));
    }
}
