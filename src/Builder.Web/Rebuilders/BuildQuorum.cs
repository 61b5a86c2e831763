using Builder.Protocol.Values;
using Builder.Storage.Rebuilders;
using Builder.Web.Pages;

namespace Builder.Web.Rebuilders;

/// <summary>What the page of a build says of rebuilders.</summary>
public sealed record BuildQuorum(string Job, BuildUuid Build, Quorum Quorum)
{
    /// <summary>Null where nobody said anything and nothing waits.</summary>
    internal static async Task<BuildQuorum?> FindAsync(PageContext page, string job, BuildUuid build) =>
        await QuorumRows.OfBuildAsync(page.Session, build, page.Stop) is { } quorum
        && (quorum.Said.Count > 0 || quorum.Rule is { IsIndependent: true })
            ? new BuildQuorum(job, build, quorum)
            : null;

    public string Title =>
        Quorum.Tally is { Count: > 0 } tally ? $"{tally.Agreeing.Length} of {tally.Count} rebuilders agree" : "Rebuilders";
}
