using Builder.Protocol.Values;
using Builder.Storage.Failures;

namespace Builder.Web.Builds;

/// <summary>Why a build failed, since when builds like it fail, and what changed.</summary>
/// <param name="Error">Null where nothing in the console looks like an error, or it was not searched yet.</param>
public sealed record FailureStory(StoredFailure? Error)
{
    /// <summary>The last success of the job on the platform before this build.</summary>
    public RelatedBuild? LastGood { get; init; }

    /// <summary>The first failure since then; null where no other build is known.</summary>
    public BuildLink? FirstBad { get; init; }

    /// <summary>What is different from the last good build in the first bad one; null where there is no good one.</summary>
    public InputDifference? Changes { get; init; }

    /// <summary>A build of the same inputs that succeeded.</summary>
    public BuildLink? Succeeded { get; init; }

    /// <summary>Jobs that fail now with the same error, this one among them.</summary>
    public long SameError { get; init; }
}

public sealed record BuildLink(BuildUuid Uuid, Timestamp Started);

/// <param name="Changes">No more than are shown.</param>
/// <param name="More">How many are left out.</param>
/// <param name="Missing">What the failed build did not record, so that it cannot be compared.</param>
public sealed record InputDifference(IReadOnlyList<InputChange> Changes, int More, IReadOnlyList<string> Missing);

/// <param name="Kind">Such as "opam package".</param>
/// <param name="Before">Null where it is new.</param>
/// <param name="After">Null where it is gone.</param>
public sealed record InputChange(string Kind, string Name, string? Before, string? After);

/// <summary>Looks up the story of a failed build.</summary>
internal interface IFailureStory
{
    /// <summary>What the answer depends on beside the build's job.</summary>
    long Version { get; }

    Task<FailureStory> FindAsync(Pages.PageContext page, BuildFacts build);
}

/// <summary>Says what changed between the inputs of two builds.</summary>
internal interface IInputChanges
{
    Task<InputDifference> FindAsync(Pages.PageContext page, BuildFacts good, BuildFacts bad);
}
