using Builder.Protocol.Values;
using Builder.Storage.Failures;
using Builder.Web.Home;

namespace Builder.Web.Failures;

/// <summary>Jobs that fail now with the same first error.</summary>
/// <param name="Error">That of the newest of them; null where nothing in their consoles looks like an error.</param>
/// <param name="Since">Since when the first of them fails without a success between.</param>
public sealed record FailureGroup(StoredFailure? Error, IReadOnlyList<FailingJob> Jobs, Timestamp Since)
{
    /// <summary>What a heading says, without markup.</summary>
    public string Title =>
        Error is null ? "Nothing in the console looks like an error"
        : Error.Subject is { } package ? $"{package} cannot be installed"
        : Error.Summary;

    /// <summary>Names, in their order.</summary>
    public IReadOnlyList<string> Platforms => [.. Jobs.Select(static job => job.Platform).Distinct().Order(StringComparer.Ordinal)];

    public int JobCount => Jobs.Select(static job => job.Job).Distinct().Count();
}

/// <param name="Build">The newest.</param>
/// <param name="Since">Start of the first failure since the last success.</param>
public sealed record FailingJob(string Job, string Platform, FailedBuild Build, Timestamp Since);
