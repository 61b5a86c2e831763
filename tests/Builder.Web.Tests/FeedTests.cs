using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Xml.Linq;

namespace Builder.Web.Tests;

/// <summary>Feeds as readers take them: the rules of RFC 4287, and conditional requests.</summary>
public sealed class FeedTests(FilledSite filled) : IClassFixture<FilledSite>
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/feed.atom", true)]
    [InlineData("/job/hello/feed.atom", true)]
    [InlineData("/failures.atom", true)]
    [InlineData("/verdicts.atom", false)]
    [InlineData("/advisories.atom", true)]
    [InlineData("/packages.atom", false)]
    public async Task Each_feed_follows_the_rules_of_rfc_4287(string address, bool hasEntries)
    {
        filled.AddAdvisory();
        using var answer = await filled.Http.GetAsync(address, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/atom+xml", answer.Content.Headers.ContentType?.MediaType);
        var feed = XDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).Root!;
        Assert.Equal(Atom + "feed", feed.Name);
        Assert.NotNull(feed.Element(Atom + "author")?.Element(Atom + "name"));
        RequireCommon(feed);
        var self = Assert.Single(feed.Elements(Atom + "link"), static link => (string?)link.Attribute("rel") == "self");
        Assert.EndsWith(address, (string)self.Attribute("href")!, StringComparison.Ordinal);
        var entries = feed.Elements(Atom + "entry").ToList();
        Assert.True(!hasEntries || entries.Count > 0, "no entries");
        foreach (var entry in entries)
        {
            RequireCommon(entry);
            Assert.InRange(entry.Elements(Atom + "summary").Count(), 0, 1);
            Assert.True(Updated(entry) <= Updated(feed));
        }
        Assert.Equal(entries.Count, entries.Select(static entry => (string?)entry.Element(Atom + "id")).Distinct().Count());
    }

    [Theory]
    [InlineData("/feed.atom")]
    [InlineData("/job/hello/feed.atom")]
    [InlineData("/failures.atom")]
    [InlineData("/verdicts.atom")]
    [InlineData("/advisories.atom")]
    [InlineData("/packages.atom")]
    public async Task Feedparser_takes_each_feed_without_a_complaint(string address)
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(
            File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/feedparser"),
            "the Debian package python3-feedparser is not installed"
        );
        filled.AddAdvisory();
        var entries = XDocument.Parse(await filled.Http.GetStringAsync(address, Stop)).Root!.Elements(Atom + "entry").Count();
        var start = new ProcessStartInfo(Python)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "-c",
                """
                    import sys, feedparser
                    feed = feedparser.parse(sys.argv[1])
                    print(feed.version, feed.bozo, feed.get("bozo_exception", ""), len(feed.entries))
                    for entry in [feed.feed] + feed.entries:
                        assert entry.id and entry.title and entry.link.startswith("http") and entry.updated_parsed, entry
                    """,
                new Uri(filled.Site.Web.Address, address).ToString(),
            },
        };
        using var parser = Process.Start(start)!;
        var (output, errors) = (parser.StandardOutput.ReadToEndAsync(Stop), parser.StandardError.ReadToEndAsync(Stop));
        await parser.WaitForExitAsync(Stop);
        Assert.Equal((0, ""), (parser.ExitCode, await errors));
        Assert.Equal($"atom10 False  {entries}\n", await output);
    }

    [Fact]
    public async Task Feed_that_did_not_change_is_not_sent_again()
    {
        using var first = await filled.Http.GetAsync("/feed.atom", Stop);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/feed.atom");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await filled.Http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData("/", "/feed.atom")]
    [InlineData("/job/hello", "/job/hello/feed.atom")]
    [InlineData("/failed-builds", "/failures.atom")]
    [InlineData("/advisories", "/advisories.atom")]
    public async Task Pages_lead_to_their_feed_and_say_what_they_are_about(string address, string feed)
    {
        var page = await filled.Http.PageAsync(address);
        var feeds = page.QuerySelectorAll("link[rel=alternate][type='application/atom+xml']")
            .Select(static link => link.GetAttribute("href"));
        Assert.Contains(feed, feeds);
        Assert.False(string.IsNullOrEmpty(page.QuerySelector("meta[property='og:title']")?.GetAttribute("content")));
    }

    [Fact]
    public async Task Pasted_link_of_a_build_says_verdict_and_size()
    {
        var page = await filled.Http.PageAsync("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb");
        var text = page.QuerySelector("meta[property='og:description']")!.GetAttribute("content")!;
        Assert.Contains("reproduc", text, StringComparison.Ordinal);
        Assert.Contains("B, built in", text, StringComparison.Ordinal);
    }

    /// <summary>RFC 4287 sections 4.1.1 and 4.1.2: exactly one id (an IRI), title and updated (RFC 3339), and somewhere to go.</summary>
    private static void RequireCommon(XElement element)
    {
        Assert.True(Uri.TryCreate((string)Assert.Single(element.Elements(Atom + "id")), UriKind.Absolute, out _));
        Assert.NotEmpty((string)Assert.Single(element.Elements(Atom + "title")));
        _ = Updated(element);
        var alternate = Assert.Single(element.Elements(Atom + "link"), static link => (string?)link.Attribute("rel") == "alternate");
        Assert.True(Uri.TryCreate((string)alternate.Attribute("href")!, UriKind.Absolute, out _));
    }

    private static DateTimeOffset Updated(XElement element)
    {
        var text = (string)Assert.Single(element.Elements(Atom + "updated"));
        Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\z", text);
        return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
    }
}
