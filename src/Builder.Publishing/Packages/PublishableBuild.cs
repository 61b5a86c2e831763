using Builder.Protocol.Values;

namespace Builder.Publishing.Packages;

/// <summary>A stored build, as hooks and repositories see it.</summary>
/// <param name="MainBinary">Null for a failed build: one without a main binary.</param>
public sealed record PublishableBuild(
    BuildUuid Uuid,
    JobName Job,
    Platform Platform,
    Timestamp Started,
    ExecutionResult Result,
    MainBinary? MainBinary
)
{
    /// <summary>When this program first saw the build; null where that is now.</summary>
    public DateTimeOffset? Seen { get; init; }

    public UploaderAccess Uploader { get; init; }
}
