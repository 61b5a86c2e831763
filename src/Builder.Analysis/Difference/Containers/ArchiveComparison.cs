using System.Globalization;

namespace Builder.Analysis.Difference.Containers;

/// <summary>Compares the members of two archives of one kind: which there are, their order, their headers, their contents.</summary>
internal static class ArchiveComparison
{
    private const int MaxNames = 20;

    public static async ValueTask<DifferenceNode> CompareAsync(
        ContentPair pair,
        IReadOnlyList<ArchiveMember> left,
        IReadOnlyList<ArchiveMember> right,
        ArchiveFormat format,
        DifferenceContext context
    )
    {
        var node = new DifferenceNode(pair.Path, format.Kind);
        var pairs = MemberPairs.Of(left, right, context.Causes);
        for (var i = 0; i < pairs.Same.Count; i++)
        {
            if (context.CancellationToken.IsCancellationRequested)
            {
                node.Notices.Add(
                    $"{pairs.Same.Count - i} members are not compared: the time limit of {context.Limits.MaxTime.TotalSeconds:0} s is reached"
                );
                break;
            }
            Add(node, await CompareMemberAsync(pair, left[pairs.Same[i].Left], right[pairs.Same[i].Right], format, context));
        }
        foreach (var (l, r, kind) in pairs.Renamed)
            await AddRenamedAsync(node, pair, left[l], right[r], kind, format, context);
        AddOneSided(node, pair, pairs.OnlyLeft.ConvertAll(i => left[i]), true, context);
        AddOneSided(node, pair, pairs.OnlyRight.ConvertAll(i => right[i]), false, context);
        if (format.HasOrder && !pairs.IsSameOrder)
            AddOrder(node, pair, left, right, pairs, format, context);
        // An index is written from the members.
        foreach (var child in node.Children)
            child.Follows |=
                child.Kind == "index"
                && node.Children.Any(other =>
                    other.Kind != "index"
                    && other
                        .Causes.Concat(other.Children.SelectMany(deep => deep.Causes))
                        .Any(cause => cause.Strength > CauseStrength.Metadata)
                );
        return node;
    }

    private static void Add(DifferenceNode node, DifferenceNode? child)
    {
        if (child is not null)
            node.Children.Add(child);
    }

    private static async ValueTask<DifferenceNode?> CompareMemberAsync(
        ContentPair pair,
        ArchiveMember left,
        ArchiveMember right,
        ArchiveFormat format,
        DifferenceContext context
    )
    {
        var path = pair.PathOf(left.Name);
        var node = left.IsIndex ? Index(pair, left, right, path, context) : await CompareContentAsync(pair, left, right, path, context);
        var fields = Fields(left, right);
        if (fields.Count == 0)
            return node;
        if (node is null)
        {
            if (!context.TryAddNode())
                return null;
            node = new DifferenceNode(path, left.Type);
        }
        var isTimeKnown = false;
        for (var i = 0; i < fields.Count; i++)
        {
            var (leftField, rightField) = fields[i];
            var field = (leftField ?? rightField)!;
            node.Changes.Insert(i, new Change(ChangeType.Field, field.Name, leftField?.Value, rightField?.Value));
            // Some formats write the same time several times: it counts once.
            if (field.Kind != CauseKind.Timestamp || !isTimeKnown)
                node.Causes.Add(CauseOf(pair, path, left, leftField, rightField, format, context));
            isTimeKnown |= field.Kind == CauseKind.Timestamp;
        }
        return node;
    }

    private static Cause CauseOf(
        ContentPair pair,
        string path,
        ArchiveMember member,
        MemberField? left,
        MemberField? right,
        ArchiveFormat format,
        DifferenceContext context
    )
    {
        var field = (left ?? right)!;
        var (a, b) = (left?.Value ?? "", right?.Value ?? "");
        var kind = field.Kind ?? context.Causes.Find(a, b);
        var strength = kind switch
        {
            _ when format.IsEnvelope || member.IsIndex => CauseStrength.Envelope,
            CauseKind.Timestamp when member.Type == "directory" => CauseStrength.DirectoryMetadata,
            CauseKind.Timestamp when IsIn(pair.Path, "control.tar") => CauseStrength.Metadata - 1,
            CauseKind.Timestamp => CauseStrength.Metadata,
            _ => CauseStrength.Of(kind),
        };
        return context.Causes.Create(
            kind,
            $"{path}: {field.Name}",
            a,
            b,
            strength,
            kind == CauseKind.Timestamp && (IsIn(pair.Path, "data.tar") || IsIn(pair.Path, "control.tar")) ? Causes.Fixes.Deb : field.Fix
        );
    }

    // The parts of a Debian package, wherever it lies.
    private static bool IsIn(string path, string part) => path[(path.LastIndexOf('/') + 1)..].StartsWith(part, StringComparison.Ordinal);

    private static DifferenceNode? Index(ContentPair pair, ArchiveMember left, ArchiveMember right, string path, DifferenceContext context)
    {
        if (Content.AreEqual(left.Packed, right.Packed, context.CancellationToken) || !context.TryAddNode())
            return null;
        var node = new DifferenceNode(path, "index") { Left = left.Packed.Summarize(), Right = right.Packed.Summarize() };
        node.Causes.Add(
            context.Causes.Create(
                CauseKind.Ordering,
                pair.PlaceOf(left.Name),
                $"{left.Packed.Length} bytes",
                $"{right.Packed.Length} bytes",
                CauseStrength.Envelope
            )
        );
        return node;
    }

    private static async ValueTask<DifferenceNode?> CompareContentAsync(
        ContentPair pair,
        ArchiveMember left,
        ArchiveMember right,
        string path,
        DifferenceContext context
    )
    {
        if (left.Unpack is null && right.Unpack is null)
            return await context.CompareAsync(new ContentPair(left.Packed, right.Packed, path, pair.Depth + 1));
        var isSameBytes =
            left.Method == right.Method
            && left.Checksum == right.Checksum
            && Content.AreEqual(left.Packed, right.Packed, context.CancellationToken);
        if (isSameBytes)
            return null;
        try
        {
            using var leftContent = left.Unpack?.Invoke(context, true) ?? left.Packed;
            using var rightContent = right.Unpack?.Invoke(context, false) ?? right.Packed;
            if (await context.CompareAsync(new ContentPair(leftContent, rightContent, path, pair.Depth + 1)) is { } node)
                return node;
        }
        catch (Exception exception) when (DifferenceContext.IsBrokenInput(exception))
        {
            var raw = await context.CompareAsync(new ContentPair(left.Packed, right.Packed, path, pair.Depth + 1));
            raw?.Notices.Add($"compared packed: {exception.Message}");
            return raw;
        }
        if (left.Method != right.Method)
            return null;
        var packed = new DifferenceNode(path, "file");
        var (a, b) = ($"{left.Method}, {left.Packed.Length} bytes", $"{right.Method}, {right.Packed.Length} bytes");
        packed.Changes.Add(new Change(ChangeType.Field, "compression", a, b));
        packed.Causes.Add(context.Causes.Create(CauseKind.Compression, $"{path}: compression", a, b));
        return packed;
    }

    private static List<(MemberField? Left, MemberField? Right)> Fields(ArchiveMember left, ArchiveMember right)
    {
        var fields = new List<(MemberField?, MemberField?)>();
        if (left.Type != right.Type)
            fields.Add((new MemberField("type", left.Type, CauseKind.Content), new MemberField("type", right.Type, CauseKind.Content)));
        foreach (var field in left.Fields)
        {
            var other = right.Fields.FirstOrDefault(candidate => candidate.Name == field.Name);
            if (other?.Value != field.Value)
                fields.Add((field, other));
        }
        foreach (var field in right.Fields)
        {
            if (left.Fields.All(candidate => candidate.Name != field.Name))
                fields.Add((null, field));
        }
        return fields;
    }

    private static async ValueTask AddRenamedAsync(
        DifferenceNode node,
        ContentPair pair,
        ArchiveMember left,
        ArchiveMember right,
        CauseKind kind,
        ArchiveFormat format,
        DifferenceContext context
    )
    {
        if (!context.TryAddNode())
            return;
        var child =
            await CompareMemberAsync(pair, left, right, format, context)
            ?? new DifferenceNode(pair.PathOf(left.Name), left.Type)
            {
                Status = DifferenceStatus.Moved,
                Left = left.Packed.Summarize(),
                Right = right.Packed.Summarize(),
            };
        child.Changes.Insert(0, new Change(ChangeType.Field, "name", left.Name, right.Name));
        if (child.Causes.All(cause => cause.Kind != kind))
            child.Causes.Insert(0, context.Causes.Create(kind, $"{pair.PathOf(left.Name)}: name", left.Name, right.Name));
        node.Children.Add(child);
    }

    private static void AddOneSided(
        DifferenceNode node,
        ContentPair pair,
        List<ArchiveMember> members,
        bool isLeft,
        DifferenceContext context
    )
    {
        if (members.Count == 0)
            return;
        var names = string.Join('\n', members.Take(MaxNames).Select(member => member.Name));
        var count = string.Create(CultureInfo.InvariantCulture, $"{members.Count}");
        node.Changes.Add(
            new Change(ChangeType.Members, isLeft ? "only left" : "only right", isLeft ? count : null, isLeft ? null : count)
            {
                Text = names,
            }
        );
        foreach (var member in members)
        {
            if (!context.TryAddNode())
                return;
            var child = DifferenceContext.OneSide(member.Packed, pair.PathOf(member.Name), isLeft, member.Type);
            child.Causes.Add(
                context.Causes.Create(
                    CauseKind.Content,
                    child.Path,
                    isLeft ? member.Type : "",
                    isLeft ? "" : member.Type,
                    CauseStrength.OneSide,
                    "Find the step that makes this file on one side only: a cache, an optional program, or a parallel job that was late."
                )
            );
            node.Children.Add(child);
        }
    }

    private static void AddOrder(
        DifferenceNode node,
        ContentPair pair,
        IReadOnlyList<ArchiveMember> left,
        IReadOnlyList<ArchiveMember> right,
        MemberPairs pairs,
        ArchiveFormat format,
        DifferenceContext context
    )
    {
        var leftNames = pairs.Same.Select(same => left[same.Left].Name).ToList();
        var rightNames = pairs.Same.Select(same => same.Right).Order().Select(i => right[i].Name).ToList();
        var at = 0;
        while (at < leftNames.Count - 1 && leftNames[at] == rightNames[at])
            at++;
        var (a, b) = (string.Join(", ", leftNames.Skip(at).Take(3)), string.Join(", ", rightNames.Skip(at).Take(3)));
        node.Changes.Add(new Change(ChangeType.Order, "order of members", a, b));
        node.Causes.Add(context.Causes.Create(CauseKind.Ordering, pair.PlaceOf("order of members"), a, b, fix: format.OrderFix));
    }
}
