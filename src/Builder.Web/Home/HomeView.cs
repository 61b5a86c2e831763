using Builder.Web.Html;

namespace Builder.Web.Home;

/// <summary>Which jobs the front page shows, in which order, as its address says.</summary>
/// <param name="Path">Path-absolute.</param>
/// <param name="Show">Only jobs with this trouble; null for all.</param>
/// <param name="Sort">One of <see cref="Orders"/>; null for sections with jobs by name.</param>
/// <param name="Start">How many jobs come before the first one shown.</param>
public sealed record HomeView(string Path, HomeTrouble? Show, string? Sort, int Start)
{
    /// <summary>Jobs on one page: the first screen stays quick with thousands.</summary>
    public const int PageLength = 200;

    public static IReadOnlyList<string> Orders { get; } = ["name", "age", "size", "verdict"];

    public IEnumerable<HomeJob> Order(IEnumerable<HomeJob> jobs) =>
        Sort switch
        {
            "name" => jobs.OrderBy(static job => job.Job.Name, StringComparer.Ordinal),
            "age" => jobs.OrderByDescending(static job => job.Cells.Max(static cell => cell?.Failed?.Started ?? cell?.Good?.Started)),
            "size" => jobs.OrderByDescending(static job => job.Latest?.MainSize ?? -1),
            "verdict" => jobs.OrderBy(static job => job.Cells.Min(static cell => cell?.Verdict?.Kind ?? VerdictKind.InputsUnknown)),
            _ => jobs,
        };

    public string AddressOf(HomeTrouble? show) => Address(show, Sort, 0);

    public string AddressOf(string? sort) => Address(Show, sort, 0);

    public string AddressOf(int start) => Address(Show, Sort, start);

    private string Address(HomeTrouble? show, string? sort, int start)
    {
        string?[] parts =
        [
            show is { } trouble ? $"show={HomeAlarm.NameOf(trouble)}" : null,
            sort is null ? null : $"sort={sort}",
            start > 0 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"start={start}") : null,
        ];
        var query = string.Join('&', parts.OfType<string>());
        return query.Length == 0 ? Path : $"{Path}?{query}";
    }
}
