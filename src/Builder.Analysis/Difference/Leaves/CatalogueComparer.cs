using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>gettext catalogues, .po and .mo: the fields of the header, then the messages by id.</summary>
internal sealed class CatalogueComparer : IContentComparer
{
    private const int MaxChanges = 40;

    public bool Takes(Content left, Content right) =>
        (CatalogueReader.IsMo(left) && CatalogueReader.IsMo(right)) || (CatalogueReader.IsPo(left) && CatalogueReader.IsPo(right));

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var isCompiled = CatalogueReader.IsMo(pair.Left);
        var (left, right) = (CatalogueReader.Read(pair.Left, context), CatalogueReader.Read(pair.Right, context));
        var node = new DifferenceNode(pair.Path, isCompiled ? "gettext catalogue (compiled)" : "gettext catalogue");
        var causes = new LineCauses(context.Causes);
        CompareHeaders(node, Header(left), Header(right), causes, context);
        CompareMessages(node, left, right, causes, context);
        causes.AddTo(node, pair);
        for (var i = 0; i < node.Causes.Count; i++)
        {
            if (node.Causes[i].Kind == CauseKind.Timestamp && node.Causes[i].Path.EndsWith("-Date", StringComparison.Ordinal))
                node.Causes[i] = node.Causes[i] with { Fix = Fixes.Gettext };
        }
        if (node.Causes.Count > 0)
            return ValueTask.FromResult(node);
        if (isCompiled)
            throw new InvalidDataException("the catalogues have the same messages in another layout");
        return new TextComparer().CompareAsync(pair, context);
    }

    private static void CompareHeaders(
        DifferenceNode node,
        Dictionary<string, string> left,
        Dictionary<string, string> right,
        LineCauses causes,
        DifferenceContext context
    )
    {
        foreach (var name in left.Keys.Union(right.Keys))
        {
            var (a, b) = (left.GetValueOrDefault(name), right.GetValueOrDefault(name));
            if (a == b)
                continue;
            node.Changes.Add(new Change(ChangeType.Field, name, Shown(a), Shown(b)));
            causes.Add(
                name,
                a ?? "",
                b ?? "",
                a is null || b is null ? [CauseKind.Content] : context.Causes.FindAll($"{name}: {a}", $"{name}: {b}")
            );
        }
    }

    private static void CompareMessages(DifferenceNode node, Catalogue left, Catalogue right, LineCauses causes, DifferenceContext context)
    {
        var others = new Dictionary<string, CatalogueMessage>(StringComparer.Ordinal);
        foreach (var message in right.Messages)
            others.TryAdd(message.Id, message);
        var common = new List<string>();
        foreach (var message in left.Messages)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            if (!others.Remove(message.Id, out var other))
            {
                Add(node, causes, context, message.Id, message.Text, null);
                continue;
            }
            common.Add(message.Id);
            if (message.Id.Length > 0 && message.Text != other.Text)
                Add(node, causes, context, message.Id, message.Text, other.Text);
            if (message.Comment != other.Comment)
                Add(
                    node,
                    causes,
                    context,
                    message.Id.Length == 0 ? "comment of the header" : $"comment of \"{message.Id}\"",
                    message.Comment,
                    other.Comment
                );
        }
        foreach (var message in right.Messages.Where(message => others.ContainsKey(message.Id)))
            Add(node, causes, context, message.Id, null, message.Text);
        var ids = common.ToHashSet(StringComparer.Ordinal);
        if (!common.SequenceEqual(right.Messages.Select(message => message.Id).Where(ids.Contains)) && others.Count == 0)
        {
            node.Changes.Add(new Change(ChangeType.Order, "order of messages", null, null));
            causes.Add("order of messages", "", "the same messages in another order", [CauseKind.Ordering]);
        }
    }

    private static void Add(DifferenceNode node, LineCauses causes, DifferenceContext context, string place, string? left, string? right)
    {
        place = CauseFinder.Shown(place.Length > 60 ? place[..60] : place);
        if (node.Changes.Count < MaxChanges)
            node.Changes.Add(new Change(ChangeType.Field, $"message \"{place}\"", Shown(left), Shown(right)));
        causes.Add(
            $"message \"{place}\"",
            left ?? "",
            right ?? "",
            left is null || right is null ? [CauseKind.Content] : context.Causes.FindAll(left, right)
        );
    }

    private static Dictionary<string, string> Header(Catalogue catalogue)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            var line in (catalogue.Messages.FirstOrDefault(message => message.Id.Length == 0)?.Text ?? "").Split(
                '\n',
                StringSplitOptions.RemoveEmptyEntries
            )
        )
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            fields[colon < 0 ? line : line[..colon]] = colon < 0 ? "" : line[(colon + 1)..].Trim();
        }
        return fields;
    }

    private static string? Shown(string? text) => text is null ? null : CauseFinder.Shown(text);
}
