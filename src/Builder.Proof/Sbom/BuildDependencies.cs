using Builder.Analysis.Opam;

namespace Builder.Proof.Sbom;

/// <summary>Tells the dependencies of a package that only its build needs: those with <c>{build}</c>, <c>{with-test}</c> or <c>{with-doc}</c>.</summary>
internal static class BuildDependencies
{
    public static IEnumerable<OpamText> NotOnlyForBuild(OpamPackage package) =>
        new[] { package["depends"], package["depopts"] }.OfType<OpamValue>().SelectMany(Terms).Select(NameOf).OfType<OpamText>();

    /// <summary>The names with their filters, out of lists, groups and alternatives.</summary>
    private static IEnumerable<OpamValue> Terms(OpamValue value) =>
        value switch
        {
            OpamValue.List list => list.Values.SelectMany(Terms),
            OpamValue.Group group => group.Values.SelectMany(Terms),
            OpamValue.Logical logical when logical.Chain() is var (first, others) => Terms(first)
                .Concat(others.SelectMany(other => Terms(other.Term))),
            _ => [value],
        };

    private static OpamText? NameOf(OpamValue term) =>
        term switch
        {
            OpamValue.Text text => text.Value,
            OpamValue.Option { Value: OpamValue.Text text } option => option.Options.Any(IsForBuild) ? null : text.Value,
            _ => null,
        };

    private static bool IsForBuild(OpamValue filter) =>
        filter switch
        {
            OpamValue.Ident { Name: "build" or "with-test" or "with-doc" or "with-dev-setup" } => true,
            OpamValue.Logical { Operator: "&" } logical when logical.Chain() is var (first, others) => IsForBuild(first)
                || others.Any(other => other.Operator == "&" && IsForBuild(other.Term)),
            _ => false,
        };
}
