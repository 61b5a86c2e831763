using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>
/// The search for the variation that changes the output: a build with half of the suspects varied says in which half it is. It takes one variation to be
/// enough. Where every build differed on the way, one more with nothing varied tells whether any variation matters.
/// </summary>
/// <param name="Suspects">One of these, as far as is known.</param>
/// <param name="Tested">What the build under way varies.</param>
/// <param name="HasAgreed">Some build with less varied came to the output that is repeated.</param>
public sealed record Bisection(Variations Suspects, Variations Tested, bool HasAgreed)
{
    /// <param name="made">What the repetition varied that differs; not none.</param>
    public static Bisection Begin(Variations made) => Next(made, hasAgreed: false);

    /// <summary>What comes after the build under way.</summary>
    /// <param name="agrees">Whether it came to the output that is repeated; null where it has none.</param>
    /// <param name="made">What the worker varied.</param>
    public (BisectionFinding? Finding, Bisection? Next) After(bool? agrees, Variations made)
    {
        if (agrees is not { } same || made != Tested)
            return (BisectionFinding.Open, null);
        if (Tested == Variations.None)
            return (same ? new BisectionFinding(BisectionKind.Variation, Suspects) : BisectionFinding.NotVaried, null);
        var left = same ? Suspects & ~Tested : Tested;
        return VariationNames.Each(left).Count == 1 && (HasAgreed || same)
            ? (new BisectionFinding(BisectionKind.Variation, left), null)
            : (null, Next(left, HasAgreed || same));
    }

    /// <summary>The second half, as the first has what most often matters: then a build that agrees shows early.</summary>
    private static Bisection Next(Variations suspects, bool hasAgreed)
    {
        var each = VariationNames.Each(suspects);
        var tested = each.Skip((each.Count + 1) / 2).Aggregate(Variations.None, static (set, one) => set | one);
        return new Bisection(suspects, tested, hasAgreed);
    }
}
