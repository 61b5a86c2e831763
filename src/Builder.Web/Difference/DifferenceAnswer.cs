using Builder.Analysis.Difference;

namespace Builder.Web.Difference;

/// <summary>What is known of the difference of two builds.</summary>
public abstract record DifferenceAnswer
{
    private DifferenceAnswer() { }

    /// <summary>
    /// All artifacts that differ are children of the root, the main binary first. Paths of nodes and causes begin with the path of the artifact:
    /// <c>bin/x.deb/data.tar.xz/./usr/share/x/info.txt: line 3</c>.
    /// </summary>
    /// <param name="Result">Its root is null where all artifacts are the same.</param>
    public sealed record Known(DifferenceResult Result) : DifferenceAnswer;

    /// <summary>It is being computed, or waits for its turn.</summary>
    public sealed record Computing : DifferenceAnswer;

    /// <summary>It was tried, and is not tried again.</summary>
    /// <param name="Reason">A clause without a full stop.</param>
    public sealed record Failed(string Reason) : DifferenceAnswer;
}
