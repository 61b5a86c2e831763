using System.Collections.Immutable;
using Builder.Analysis.Advisories;
using Builder.Storage.Index;

namespace Builder.Web.Find;

/// <summary>All advisories at one moment.</summary>
/// <param name="Stamp">Another one where anything is another.</param>
/// <param name="Advisories">The newest id first.</param>
internal sealed record AdvisoryList(long Stamp, ImmutableArray<Advisory> Advisories, ImmutableArray<Dismissal> Dismissals)
{
    public static AdvisoryList Empty { get; } = new(0, [], []);

    public AdvisoryMatcher Matcher { get; } = new(Advisories);

    public Advisory? Find(string id) => Advisories.FirstOrDefault(advisory => advisory.Id == id);

    public Dismissal? DismissalOf(string id, string job) =>
        Dismissals.FirstOrDefault(dismissal => dismissal.Advisory == id && dismissal.Job == job);
}
