namespace Builder.Proof.Verifying;

public enum CheckOutcome
{
    Passed,
    Failed,

    /// <summary>Nobody could say.</summary>
    Unknown,

    /// <summary>For information: nothing depends on it.</summary>
    Note,
}
