using Builder.Analysis.Difference;
using Builder.Web.Difference;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Compare;

/// <summary>The first section of a comparison: why the output differs, as far as it is known.</summary>
public sealed class WhyDifferent
{
    /// <summary>Causes that are shown at once; the others unfold.</summary>
    public const int MaxCauses = 8;

    /// <summary>A page without the answer is fetched again after this many seconds.</summary>
    public const int RefreshSeconds = 2;

    private readonly string address;
    private readonly NodeIds? ids;

    /// <param name="address">Of the comparison.</param>
    public WhyDifferent(DifferenceAnswer answer, string address)
    {
        Answer = answer;
        this.address = address;
        if (answer is DifferenceAnswer.Known { Result.Root: { } root })
            ids = new NodeIds(root);
    }

    public DifferenceAnswer Answer { get; }

    public bool IsComputing => Answer is DifferenceAnswer.Computing;

    /// <summary>Null where the answer is not known, or nothing differs.</summary>
    public DifferenceResult? Result => Answer is DifferenceAnswer.Known { Result: { Root: not null } result } ? result : null;

    /// <summary>Artifacts that differ.</summary>
    public int Artifacts => Result?.Root!.Children.Count ?? 0;

    public string Tree => $"{address}/difference";

    /// <summary>Where the tree has the place of this cause; null where it has none.</summary>
    public string? PlaceOf(Cause cause) => ids?.Find(cause) is { } node ? $"{address}/difference/{ids.Of(node)}" : null;

    public static string StyleOf(Cause cause) => DifferenceMarkup.StyleOf(cause.Kind);

    /// <summary>Evidence: both values, what differs in them marked.</summary>
    public static HtmlString Evidence(Cause cause) =>
        DifferenceMarkup.Values(DifferenceMarkup.ShortValue(cause.Left), DifferenceMarkup.ShortValue(cause.Right));

    public HtmlString Markup() =>
        Result is { Root: { } root }
            ? DifferenceMarkup.Of(TreeCut.FirstPaint.Of(root, ids!), address, TreeCut.FirstPaint)
            : HtmlString.Empty;
}
