using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Web.Rebuilders;

/// <summary>A build that others can repeat: its inputs were recorded.</summary>
public sealed record RepeatableBuild(long Id, string Job, BuildUuid Uuid, string Platform, Sha256Digest InputId, Timestamp Finished)
{
    /// <summary>SHA-256 of its main binary; null where nobody asked, or it is withheld.</summary>
    public Sha256Digest? Main { get; init; }
}
