using System.Buffers.Binary;
using System.Globalization;
using Builder.Analysis.Difference.Causes;
using Builder.Analysis.Difference.Containers;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>Python bytecode (PEP 552): the header by fields, then the code as bytes, with sets in another order recognised.</summary>
internal sealed class PycComparer : IContentComparer
{
    private const int HeaderLength = 16;

    public bool Takes(Content left, Content right) => IsPyc(left) && IsPyc(right);

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var node = new DifferenceNode(pair.Path, "Python bytecode");
        var (left, right) = (pair.Left.Read(0, HeaderLength), pair.Right.Read(0, HeaderLength));
        if (U16(left, 0) != U16(right, 0))
            Add(
                node,
                pair,
                context,
                CauseKind.Content,
                "Python version",
                U16(left, 0).ToString(CultureInfo.InvariantCulture),
                U16(right, 0).ToString(CultureInfo.InvariantCulture),
                "Use the same Python in every build."
            );
        if (U32(left, 4) != U32(right, 4))
            Add(
                node,
                pair,
                context,
                CauseKind.Content,
                "flags",
                Mode(U32(left, 4)),
                Mode(U32(right, 4)),
                "Compile with the same --invalidation-mode in every build."
            );
        var isCodeEqual =
            pair.Left.Length == pair.Right.Length && Content.AreEqual(Code(pair.Left), Code(pair.Right), context.CancellationToken);
        CompareStamp(node, pair, context, left, right, isCodeEqual);
        if (!isCodeEqual)
            CompareCode(node, pair, context);
        return ValueTask.FromResult(node);
    }

    private static void CompareStamp(
        DifferenceNode node,
        ContentPair pair,
        DifferenceContext context,
        byte[] left,
        byte[] right,
        bool isCodeEqual
    )
    {
        if ((U32(left, 4) & 1) == 0 && (U32(right, 4) & 1) == 0)
        {
            if (U32(left, 8) != U32(right, 8))
                Add(
                    node,
                    pair,
                    context,
                    CauseKind.Timestamp,
                    "modification time of the source",
                    MemberField.Time(U32(left, 8)),
                    MemberField.Time(U32(right, 8)),
                    Fixes.Pyc
                );
            if (U32(left, 12) != U32(right, 12) && isCodeEqual)
                Add(
                    node,
                    pair,
                    context,
                    CauseKind.Content,
                    "size of the source",
                    $"{U32(left, 12)} bytes",
                    $"{U32(right, 12)} bytes",
                    "Compile from the same source: its size differs although the code is the same."
                );
            else if (U32(left, 12) != U32(right, 12))
                node.Changes.Add(
                    new Change(ChangeType.Field, "header: size of the source", $"{U32(left, 12)}", $"{U32(right, 12)}") { Follows = true }
                );
        }
        else if (!left.AsSpan(8).SequenceEqual(right.AsSpan(8)))
        {
            node.Changes.Add(
                new Change(
                    ChangeType.Field,
                    "header: hash of the source",
                    Convert.ToHexStringLower(left.AsSpan(8)),
                    Convert.ToHexStringLower(right.AsSpan(8))
                )
                {
                    Follows = true,
                }
            );
            if (isCodeEqual)
                node.Causes.Add(
                    context.Causes.Create(CauseKind.Content, pair.PlaceOf("header"), "hash of the source", "same code from another source")
                );
        }
    }

    private static void CompareCode(DifferenceNode node, ContentPair pair, DifferenceContext context)
    {
        var start = node.Causes.Count;
        BytesComparer.AddRanges(node, pair, HeaderLength, context);
        if (
            pair.Left.Length != pair.Right.Length
            || node.Causes.Skip(start).Any(cause => cause.Kind is not (CauseKind.Content or CauseKind.Random))
        )
            return;
        var (left, right) = (Code(pair.Left).ReadAll(context.Limits.MaxLeaf), Code(pair.Right).ReadAll(context.Limits.MaxLeaf));
        Array.Sort(left);
        Array.Sort(right);
        if (!left.AsSpan().SequenceEqual(right))
            return;
        node.Causes.RemoveRange(start, node.Causes.Count - start);
        node.Causes.Add(
            context.Causes.Create(
                CauseKind.Ordering,
                pair.PlaceOf("code"),
                "constants",
                "the same constants in another order",
                fix: "Set PYTHONHASHSEED=0 while Python compiles: sets have no fixed order."
            )
        );
    }

    private static void Add(
        DifferenceNode node,
        ContentPair pair,
        DifferenceContext context,
        CauseKind kind,
        string name,
        string left,
        string right,
        string fix
    )
    {
        node.Changes.Add(new Change(ChangeType.Field, $"header: {name}", left, right));
        node.Causes.Add(context.Causes.Create(kind, pair.PlaceOf("header"), $"{name} {left}", $"{name} {right}", fix: fix));
    }

    private static Content Code(Content content) => content.Section("code", HeaderLength, content.Length - HeaderLength);

    // The magic number is a number of the version, then CR LF; the code begins as a marshalled code object.
    private static bool IsPyc(Content content) =>
        content.Start is { Length: > HeaderLength } start
        && start[2] == '\r'
        && start[3] == '\n'
        && (start[HeaderLength] & 0x7f) == 'c'
        && U32(start, 4) < 4;

    private static string Mode(uint flags) =>
        flags switch
        {
            0 => "timestamp",
            1 => "unchecked hash",
            3 => "checked hash",
            _ => $"flags {flags}",
        };

    private static int U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
