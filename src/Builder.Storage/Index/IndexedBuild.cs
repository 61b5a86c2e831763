using Builder.Protocol.Values;
using Builder.Storage.Values;

namespace Builder.Storage.Index;

/// <summary>A build whose contents are to be entered.</summary>
internal sealed record IndexedBuild(
    BuildId Id,
    BuildUuid Uuid,
    string Job,
    string Platform,
    Timestamp Started,
    IReadOnlyList<IndexedContent> Contents
);
