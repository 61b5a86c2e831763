using Builder.Analysis.Opam;

namespace Builder.Analysis.Advisories;

/// <summary>
/// The versions that a constraint in opam's syntax allows: <c>&lt; "4.14.3" | (&gt;= "5" &amp; &lt; "5.4.1")</c>. What is no comparison with
/// a version (a filter such as <c>os = "linux"</c>) counts as true: nobody here knows the system, and a fault is not to be missed.
/// </summary>
internal sealed class OpamConstraint
{
    private int terms;

    private OpamConstraint() { }

    /// <param name="file">For messages.</param>
    /// <exception cref="AdvisoryException">It is no constraint, or a very long one.</exception>
    public static (VersionSet Versions, VersionSet Ranges) Read(IReadOnlyList<OpamValue> values, string file)
    {
        var constraint = new OpamConstraint();
        var all = VersionSet.All(Ecosystem.Opam);
        (VersionSet Versions, VersionSet Ranges) sets = (all, all);
        // Several in braces stand for all of them, as in depends.
        foreach (var value in values)
        {
            var next = constraint.Read(value, isNegated: false, file);
            sets = (sets.Versions.Intersect(next.Versions), sets.Ranges.Intersect(next.Ranges));
        }
        return sets;
    }

    private (VersionSet Versions, VersionSet Ranges) Read(OpamValue value, bool isNegated, string file)
    {
        switch (value)
        {
            case OpamValue.PrefixRelational { Argument: OpamValue.Text version } comparison:
                if (++terms > AdvisoryLimits.MaxTerms)
                    throw new AdvisoryException($"{file}: a constraint has more than {AdvisoryLimits.MaxTerms} comparisons");
                return Compare(isNegated ? Negated(comparison.Operator) : comparison.Operator, version.Value.ToString());
            case OpamValue.Logical logical:
                return ReadChain(logical, isNegated, file);
            case OpamValue.Group { Values: [var inner] }:
                return Read(inner, isNegated, file);
            case OpamValue.Prefix { Operator: "!" } not:
                return Read(not.Argument, !isNegated, file);
            case OpamValue.Relational or OpamValue.Ident or OpamValue.Flag or OpamValue.Prefix or OpamValue.PrefixRelational:
                var all = VersionSet.All(Ecosystem.Opam);
                return (all, all);
            default:
                throw new AdvisoryException($"{file}: a constraint such as < \"1.2\" was expected in the braces behind a package");
        }
    }

    // "&" binds closer than "|": the parser has put the terms of "&" below those of "|".
    private (VersionSet Versions, VersionSet Ranges) ReadChain(OpamValue.Logical logical, bool isNegated, string file)
    {
        var (first, others) = logical.Chain();
        var sets = Read(first, isNegated, file);
        foreach (var (link, term) in others)
        {
            var next = Read(term, isNegated, file);
            var isAnd = (link == "&") != isNegated;
            sets = isAnd
                ? (sets.Versions.Intersect(next.Versions), sets.Ranges.Intersect(next.Ranges))
                : (sets.Versions.Union(next.Versions), sets.Ranges.Union(next.Ranges));
        }
        return sets;
    }

    private static (VersionSet Versions, VersionSet Ranges) Compare(string comparison, string version)
    {
        VersionRange[] ranges = comparison switch
        {
            "=" => [new(version, true, version, true)],
            "!=" => [new(null, false, version, false), new(version, false, null, false)],
            "<" => [new(null, false, version, false)],
            "<=" => [new(null, false, version, true)],
            ">" => [new(version, false, null, false)],
            _ => [new(version, true, null, false)],
        };
        var set = VersionSet.Of(Ecosystem.Opam, ranges);
        return (set, comparison == "!=" ? VersionSet.All(Ecosystem.Opam) : set);
    }

    private static string Negated(string comparison) =>
        comparison switch
        {
            "=" => "!=",
            "!=" => "=",
            "<" => ">=",
            "<=" => ">",
            ">" => "<=",
            _ => "<",
        };
}
