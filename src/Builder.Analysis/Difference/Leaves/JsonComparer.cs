using System.Text.Json;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>JSON by value: another layout, another order of keys or elements, or the paths whose values differ.</summary>
internal sealed class JsonComparer : IContentComparer
{
    private const int MaxChanges = 40;

    private static readonly JsonDocumentOptions Options = new()
    {
        MaxDepth = 64,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    public bool Takes(Content left, Content right) => IsLikely(left) && IsLikely(right);

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        using var left = Parse(pair.Left, context);
        using var right = Parse(pair.Right, context);
        var node = new DifferenceNode(pair.Path, "JSON");
        if (left is null || right is null)
            return new TextComparer().CompareAsync(pair, context);
        var comparison = new JsonComparison(context.Causes, MaxChanges, context.CancellationToken);
        try
        {
            comparison.Compare(left.RootElement, right.RootElement, "", "");
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in an escape: JSON by its grammar, but no text.
            return new TextComparer().CompareAsync(pair, context);
        }
        foreach (var change in comparison.Changes)
            node.Changes.Add(change);
        if (comparison.Count == 0)
        {
            node.Changes.Add(new Change(ChangeType.Field, "layout", "same value", "same value"));
            node.Causes.Add(
                context.Causes.Create(CauseKind.Content, pair.PlaceOf("layout"), "same value", "same value, other spaces or line breaks")
            );
        }
        comparison.Causes.AddTo(node, pair);
        if (comparison.Count > MaxChanges)
            node.Notices.Add($"{comparison.Count} values differ, the first {MaxChanges} are shown");
        return ValueTask.FromResult(node);
    }

    private static bool IsLikely(Content content) =>
        content.Start.TrimStart("\uFEFF"u8).TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];

    private static JsonDocument? Parse(Content content, DifferenceContext context)
    {
        try
        {
            ReadOnlyMemory<byte> bytes = content.ReadAll(context.Limits.MaxLeaf);
            return JsonDocument.Parse(bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
