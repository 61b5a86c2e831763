namespace Builder.Publishing.Attestation;

/// <summary>What is known of how a build was made. Each mode is a builder of its own in statements (SLSA 1.2, builder.id).</summary>
public enum BuildMode
{
    /// <summary>No build server of this farm signed a record: somebody uploaded it, or it is from before records.</summary>
    Imported,

    /// <summary>A server of this farm received it from a worker without a sandbox, or of the original, which does not say.</summary>
    Unsandboxed,

    /// <summary>The same, from a worker in a sandbox that shows jobs the names of other processes.</summary>
    SharedProc,

    /// <summary>The same, from a worker in a full sandbox.</summary>
    Sandboxed,
}
