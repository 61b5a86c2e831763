namespace Builder.Analysis.Difference.Containers;

/// <summary>gzip, xz, zstd, bzip2 and lzma, also one against another: the headers, and what is inside.</summary>
internal sealed class PackedComparer : IContentComparer
{
    public bool Takes(Content left, Content right) =>
        Packed.FormatOf(left) != PackedFormat.None && Packed.FormatOf(right) != PackedFormat.None;

    public async ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var (leftFormat, rightFormat) = (Packed.FormatOf(pair.Left), Packed.FormatOf(pair.Right));
        // Unpacking is most of the time: both sides at once.
        var name = Path.GetFileNameWithoutExtension(pair.Left.Name);
        var leftTask = Task.Run(() => Packed.Unpack(pair.Left, leftFormat, name, context, true));
        Content? right = null;
        try
        {
            right = Packed.Unpack(pair.Right, rightFormat, name, context, false);
        }
        finally
        {
            if (right is null)
                await DropAsync(leftTask);
        }
        using (right)
        {
            using var left = await leftTask;
            return await CompareUnpackedAsync(pair, left, right, leftFormat, rightFormat, context);
        }
    }

    private static async Task DropAsync(Task<Content> task)
    {
        await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCompletedSuccessfully)
            (await task).Dispose();
    }

    private static async ValueTask<DifferenceNode> CompareUnpackedAsync(
        ContentPair pair,
        Content left,
        Content right,
        PackedFormat leftFormat,
        PackedFormat rightFormat,
        DifferenceContext context
    )
    {
        var kind = Packed.NameOf(leftFormat);
        var node = new DifferenceNode(pair.Path, kind);
        var inner = await context.CompareAsync(new ContentPair(left, right, pair.Path, pair.Depth + 1));
        if (leftFormat != rightFormat)
            AddCompression(node, pair, "format", kind, Packed.NameOf(rightFormat), context);
        else
            AddHeader(
                node,
                pair,
                PackedHeader.Fields(pair.Left, leftFormat),
                PackedHeader.Fields(pair.Right, rightFormat),
                kind,
                context,
                inner is null
            );
        if (inner is not null)
            node.Children.Add(inner);
        else if (
            !node.Causes.Any(cause => cause.Kind == CauseKind.Compression)
            && (node.Causes.Count == 0 || Math.Abs(pair.Left.Length - pair.Right.Length) > 256)
        )
            AddCompression(node, pair, "compressed data", $"{pair.Left.Length} bytes", $"{pair.Right.Length} bytes, same content", context);
        return node;
    }

    private static void AddHeader(
        DifferenceNode node,
        ContentPair pair,
        List<MemberField> left,
        List<MemberField> right,
        string kind,
        DifferenceContext context,
        bool isSameContent
    )
    {
        foreach (var name in left.Concat(right).Select(field => field.Name).Distinct())
        {
            var (a, b) = (left.Find(field => field.Name == name), right.Find(field => field.Name == name));
            if (a?.Value == b?.Value)
                continue;
            var (leftValue, rightValue) = ($"{name} {a?.Value ?? "none"}", $"{name} {b?.Value ?? "none"}");
            var cause = (a ?? b)!.Kind ?? context.Causes.Find(a?.Value ?? "", b?.Value ?? "");
            var place = $"{kind} header";
            node.Changes.Add(
                new Change(ChangeType.Field, $"{place}: {name}", a?.Value, b?.Value)
                {
                    Follows = !isSameContent && name.StartsWith("size", StringComparison.Ordinal),
                }
            );
            node.Causes.Add(
                context.Causes.Create(
                    cause,
                    pair.PlaceOf(place),
                    leftValue,
                    rightValue,
                    cause == CauseKind.Compression ? null : CauseStrength.Envelope,
                    (a ?? b)!.Fix
                )
            );
        }
    }

    private static void AddCompression(
        DifferenceNode node,
        ContentPair pair,
        string place,
        string left,
        string right,
        DifferenceContext context
    )
    {
        node.Changes.Add(new Change(ChangeType.Field, place, left, right));
        node.Causes.Add(context.Causes.Create(CauseKind.Compression, pair.PlaceOf(place), left, right));
    }
}
