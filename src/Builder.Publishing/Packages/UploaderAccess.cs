namespace Builder.Publishing.Packages;

/// <summary>What the account that sent a build may do now.</summary>
public enum UploaderAccess
{
    /// <summary>Send builds of any job.</summary>
    Full,

    /// <summary>Send builds of some jobs, this build's among them.</summary>
    Restricted,

    /// <summary>It was restricted, and may not send builds of this job any more.</summary>
    Revoked,
}
