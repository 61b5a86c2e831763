namespace Builder.Web.Html;

/// <summary>What a visitor wants to know first of a build: can it be trusted?</summary>
public enum VerdictKind
{
    /// <summary>No main binary, whatever the exit status.</summary>
    Failed,

    /// <summary>The same input gave another output.</summary>
    NotReproducible,

    /// <summary>The same input gave another output, and the schedule declares each difference harmless.</summary>
    ReproducedBut,

    /// <summary>Other builds of the job came to the same output.</summary>
    Reproduced,

    /// <summary>Nobody has built it again yet.</summary>
    BuiltOnce,

    /// <summary>Its inputs were not recorded, so nobody can build it again and compare.</summary>
    InputsUnknown,
}

/// <param name="Others">How many other builds agree, or, where it is not reproducible, disagree.</param>
public readonly record struct Verdict(VerdictKind Kind, int Others)
{
    /// <summary>Lists count builds that agree no further: beyond it nobody asks how many.</summary>
    public const int MaxCounted = 1000;

    /// <param name="sameOutput">Other builds of the job with the same main binary.</param>
    /// <param name="otherOutput">Builds of the job with the same input and another main binary.</param>
    public static Verdict Of(bool succeeded, bool inputsKnown, int sameOutput, int otherOutput) =>
        !succeeded ? new Verdict(VerdictKind.Failed, 0)
        : otherOutput > 0 ? new Verdict(VerdictKind.NotReproducible, otherOutput)
        : sameOutput > 0 ? new Verdict(VerdictKind.Reproduced, sameOutput)
        : new Verdict(inputsKnown ? VerdictKind.BuiltOnce : VerdictKind.InputsUnknown, 0);

    /// <summary>The verdict with what is known of its reason.</summary>
    public Verdict With(VerdictReason? reason) =>
        Kind == VerdictKind.NotReproducible && reason is { IsExpected: true } ? this with { Kind = VerdictKind.ReproducedBut } : this;

    public string Style =>
        Kind switch
        {
            VerdictKind.Failed => "bad",
            VerdictKind.NotReproducible => "warn",
            VerdictKind.Reproduced => "good",
            _ => "once",
        };

    public string Short =>
        Kind switch
        {
            VerdictKind.Failed => "failed",
            VerdictKind.NotReproducible => "not reproducible",
            VerdictKind.ReproducedBut => "reproduced but for",
            VerdictKind.Reproduced => Others < MaxCounted - 1 ? $"reproduced ×{Others}" : $"reproduced ×{MaxCounted - 1}+",
            VerdictKind.BuiltOnce => "built once",
            _ => "inputs unknown",
        };

    public string Long =>
        Kind switch
        {
            VerdictKind.Failed => "failed",
            VerdictKind.NotReproducible => "not reproducible!",
            VerdictKind.ReproducedBut => "reproduced but for",
            VerdictKind.Reproduced => $"reproduced by {Wording.Count(Others, "build")}",
            VerdictKind.BuiltOnce => "built once",
            _ => "inputs not recorded",
        };
}
