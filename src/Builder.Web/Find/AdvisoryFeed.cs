using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Find;

/// <summary>The advisories as an Atom feed.</summary>
internal static class AdvisoryFeed
{
    public static Answer Make(PageContext page, AdvisoryList list) =>
        AtomFeed.Make(
            page,
            $"Advisories · {page.Site.Title}",
            Href.AdvisoryFeed,
            Href.Advisories,
            [
                .. list
                    .Advisories.Select(static advisory => new AtomEntry(
                        Href.Advisory(advisory.Id),
                        $"{advisory.Id}: {advisory.Title}",
                        Time(advisory.Modified ?? advisory.Published),
                        Href.Advisory(advisory.Id),
                        $"{advisory.Score ?? advisory.Severity} {string.Join(", ", advisory.Packages.Select(static one => one.Name))}".Trim()
                    ))
                    .OrderByDescending(static entry => entry.Updated, StringComparer.Ordinal),
            ]
        );

    /// <summary>Advisories of others say a time in any of the forms of RFC 3339, or only a date.</summary>
    private static string Time(string? text) =>
        DateTimeOffset.TryParse(
            text,
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)
            : AtomFeed.Unknown;
}
