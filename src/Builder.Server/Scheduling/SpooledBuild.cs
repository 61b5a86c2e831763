using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>A finished build on disk that waits for its upload.</summary>
public sealed record SpooledBuild(BuildUuid Uuid, JobName Name, Platform Platform, Timestamp Finished)
{
    /// <summary>CRC-32C of each piece of the file, 4 bytes each; empty for builds of earlier versions, which nothing protects.</summary>
    public ByteString Checksums { get; init; }

    /// <summary>What is said of it as a repetition; null where it is none.</summary>
    public RepetitionHeader? Repetition { get; init; }
}
