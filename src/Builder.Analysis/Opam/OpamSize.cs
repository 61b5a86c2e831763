using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>Counts what a tree is made of.</summary>
internal static class OpamSize
{
    public static int Of(ImmutableArray<OpamItem> items) =>
        items.Sum(item =>
            1
            + item switch
            {
                OpamItem.Field field => Of(field.Value),
                OpamItem.Section section => Of(section.Items),
                _ => 0,
            }
        );

    private static int Of(ImmutableArray<OpamValue> values) => values.Sum(Of);

    private static int Of(OpamValue value) =>
        1
        + value switch
        {
            OpamValue.List list => Of(list.Values),
            OpamValue.Group group => Of(group.Values),
            OpamValue.Option option => Of(option.Value) + Of(option.Options),
            OpamValue.Logical logical => OfChain(logical),
            OpamValue.Relational => 2,
            OpamValue.Environment => 2,
            OpamValue.Prefix prefix => Of(prefix.Argument),
            OpamValue.PrefixRelational => 1,
            _ => 0,
        };

    private static int OfChain(OpamValue.Logical logical)
    {
        var (first, others) = logical.Chain();
        return Of(first) + others.Length - 1 + others.Sum(other => Of(other.Term));
    }
}
