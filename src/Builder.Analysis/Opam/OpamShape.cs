using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>Reads values as a field means them, lenient where opam is: a list of one may stand without its brackets.</summary>
internal static class OpamShape
{
    /// <summary>The strings of a list, or a single one; null where anything else is among them.</summary>
    public static ImmutableArray<OpamText>? Texts(OpamValue value) =>
        value switch
        {
            OpamValue.Text text => [text.Value],
            OpamValue.List list when list.Values.All(element => element is OpamValue.Text) =>
            [
                .. list.Values.Select(element => ((OpamValue.Text)element).Value),
            ],
            _ => null,
        };

    /// <summary>The lists in a list: <c>[["a" …] ["b" …]]</c>, or the only one, <c>["a" …]</c>.</summary>
    public static ImmutableArray<OpamValue> Entries(OpamValue value) => ListOfDepth(value, 2);

    /// <summary>The elements of <paramref name="value"/> after brackets are put around it until lists nest <paramref name="depth"/> deep.</summary>
    public static ImmutableArray<OpamValue> ListOfDepth(OpamValue value, int depth)
    {
        for (var missing = depth - DepthOf(value, depth); missing > 0; missing--)
            value = new OpamValue.List([value]);
        return value is OpamValue.List list ? list.Values : [value];
    }

    private static int DepthOf(OpamValue value, int ofEmpty) =>
        value switch
        {
            OpamValue.List { Values: [] } => ofEmpty,
            OpamValue.List list => 1 + DepthOf(list.Values[0], ofEmpty),
            OpamValue.Option option => DepthOf(option.Value, ofEmpty),
            _ => 0,
        };

    /// <summary>The package names in a formula, filters and constraints left out; null where it is no formula.</summary>
    public static ImmutableArray<OpamText>? FormulaNames(OpamValue value)
    {
        var names = ImmutableArray.CreateBuilder<OpamText>();
        return ListOfDepth(value, 1).All(element => AddNames(element, names)) ? names.DrainToImmutable() : null;
    }

    private static bool AddNames(OpamValue value, ImmutableArray<OpamText>.Builder names)
    {
        switch (value)
        {
            case OpamValue.Text text:
                names.Add(text.Value);
                return true;
            case OpamValue.Option { Value: OpamValue.Text text }:
                names.Add(text.Value);
                return true;
            case OpamValue.Group group:
                return group.Values.All(element => AddNames(element, names));
            case OpamValue.Logical logical:
                var (first, others) = logical.Chain();
                return AddNames(first, names) && others.All(other => AddNames(other.Term, names));
            default:
                return false;
        }
    }
}
