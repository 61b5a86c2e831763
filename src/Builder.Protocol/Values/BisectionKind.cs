namespace Builder.Protocol.Values;

public enum BisectionKind
{
    /// <summary>One variation changes the output.</summary>
    Variation,

    /// <summary>The output also differs where nothing is varied.</summary>
    NotVaried,

    /// <summary>It ended without an answer: a repetition failed, or no single variation changes the output.</summary>
    Open,
}
