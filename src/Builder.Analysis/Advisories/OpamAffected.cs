using System.Collections.Immutable;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Advisories;

/// <summary>
/// The field <c>affected</c>: <c>"tls" {&lt; "2.1.0"}</c>. Several in a list, joined by <c>|</c>, or in several fields are affected each by
/// itself; joined by <c>&amp;</c> only where both are there, as in opam.
/// </summary>
internal static class OpamAffected
{
    public static ImmutableArray<ImmutableArray<AffectedPackage>> Read(IEnumerable<OpamValue> values, string file)
    {
        var alternatives = ImmutableArray<ImmutableArray<AffectedPackage>>.Empty;
        foreach (var value in values)
            alternatives = Bounded([.. alternatives, .. Read(value, file)], file);
        return alternatives;
    }

    private static ImmutableArray<ImmutableArray<AffectedPackage>> Read(OpamValue value, string file)
    {
        switch (value)
        {
            case OpamValue.Text text:
                return
                [
                    [Package(text.Value, [], file)],
                ];
            case OpamValue.Option { Value: OpamValue.Text text } option:
                return
                [
                    [Package(text.Value, option.Options, file)],
                ];
            case OpamValue.List list:
                return Bounded([.. list.Values.SelectMany(element => Read(element, file))], file);
            case OpamValue.Group group:
                return Bounded([.. group.Values.SelectMany(element => Read(element, file))], file);
            case OpamValue.Logical logical:
                var (first, others) = logical.Chain();
                var read = Read(first, file);
                foreach (var (link, term) in others)
                {
                    var next = Read(term, file);
                    read =
                        link == "|"
                            ? Bounded([.. read, .. next], file)
                            : Bounded(
                                [
                                    .. read.SelectMany(_ => next, static (left, right) => left.AddRange(right))
                                        .Take(AdvisoryLimits.MaxTerms + 1),
                                ],
                                file
                            );
                }
                return read;
            default:
                throw new AdvisoryException($"{file}: affected: a package such as \"tls\" {{< \"2.1.0\"}} was expected");
        }
    }

    private static AffectedPackage Package(OpamText name, ImmutableArray<OpamValue> constraints, string file)
    {
        if (!PackageId.IsName(name.Span) || name.Span.Length > AdvisoryLimits.MaxTextLength)
            throw new AdvisoryException($"{file}: affected: {AdvisoryText.Quote(name.ToString())} is not the name of an opam package");
        var (versions, ranges) = OpamConstraint.Read(constraints, file);
        return new AffectedPackage(Ecosystem.Opam, name.ToString(), versions, ranges, []);
    }

    private static ImmutableArray<ImmutableArray<AffectedPackage>> Bounded(
        ImmutableArray<ImmutableArray<AffectedPackage>> alternatives,
        string file
    ) =>
        alternatives.Length <= AdvisoryLimits.MaxTerms
            ? alternatives
            : throw new AdvisoryException($"{file}: affected: more than {AdvisoryLimits.MaxTerms} packages");
}
