namespace Builder.Cli.Reproduce;

internal enum ReproductionOutcome
{
    /// <summary>The same bytes.</summary>
    Reproduced,

    /// <summary>Other bytes from equal inputs.</summary>
    Differs,

    /// <summary>Other bytes, but the inputs were others too, or nobody recorded them.</summary>
    OtherInputs,

    /// <summary>The script failed here, or there is nothing to compare with.</summary>
    NotTried,
}
