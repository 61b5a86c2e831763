using System.Diagnostics;
using Builder.Storage.Database;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;

namespace Builder.Web.Tests;

/// <summary>A new route cannot be forgotten: who asks the database stands in <see cref="QueryPlanTests"/>, who shows a page in <see cref="ScreenshotTests"/>.</summary>
[Collection(QueryPlanTests.Alone)]
public sealed class RouteTests
{
    /// <summary>Addresses of routes that neither show a page nor ask the database.</summary>
    private static readonly string[] Others =
    [
        "/static/style.css",
        "/upload/limit",
        $"/activity/{LiveTests.Running}/events",
        "/events",
        "/tlog/checkpoint",
        "/tlog/vkey",
        "/tlog/tile/0/000",
        "/trusted_root.json",
        "/openapi.json",
        "/badge/hello.json",
        "/robots.txt",
        // Who is not signed in is led to the sign-in page; AccountTests looks at these.
        "/account",
        "/accounts",
        "/audit",
        "/hooks",
    ];

    /// <summary>Of the framework: one activity for each request.</summary>
    private const string Requests = "Microsoft.AspNetCore";

    [Fact]
    public async Task Every_route_is_in_the_lists_of_the_tests_of_queries_and_pictures()
    {
        await using var site = await Site.FilledAsync();
        var routes = site
            .Web.Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(static route => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") ?? true)
            .ToList();
        var planned = QueryPlanTests.Pages.Concat(QueryPlanTests.Absent).Select(address => Find(routes, address)).ToHashSet();
        var pictured = ScreenshotTests.Pages.Select(page => Find(routes, page.Address)).ToHashSet();
        var addresses = QueryPlanTests
            .Pages.Concat(QueryPlanTests.Absent)
            .Concat(ScreenshotTests.Pages.Select(static page => page.Address))
            .Concat(Others)
            .ToLookup(address => Find(routes, address));
        var missing = new List<string>();
        foreach (var route in routes)
        {
            if (!addresses.Contains(route))
            {
                missing.Add($"{route.RoutePattern.RawText}: no test asks for it");
                continue;
            }
            var (isPage, asks) = await AskAsync(site.Http, addresses[route]);
            if (isPage && !pictured.Contains(route))
                missing.Add($"{route.RoutePattern.RawText}: a page that {nameof(ScreenshotTests)} does not look at");
            if (asks is { } query && !planned.Contains(route))
                missing.Add($"{route.RoutePattern.RawText}: asks the database, and {nameof(QueryPlanTests)} does not know: {query}");
        }
        Assert.True(missing.Count == 0, string.Join(Environment.NewLine, missing));
    }

    /// <summary>Whether one of the answers is a page, and one query about builds that was made for them.</summary>
    private static async Task<(bool IsPage, string? Query)> AskAsync(HttpClient http, IEnumerable<string> addresses)
    {
        string? query = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is StorageTracing.SourceName or Requests,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                // What works in the background asks as well.
                if (
                    activity.Parent?.Source.Name == Requests
                    && activity.GetTagItem(StorageTracing.QueryTag) is string sql
                    && sql.Contains("FROM build", StringComparison.Ordinal)
                )
                    query = sql.ReplaceLineEndings(" ");
            },
        };
        ActivitySource.AddActivityListener(listener);
        var isPage = false;
        foreach (var address in addresses)
        {
            using var answer = await http.GetAsync(
                address,
                HttpCompletionOption.ResponseHeadersRead,
                TestContext.Current.CancellationToken
            );
            isPage |= answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "text/html";
        }
        return (isPage, query);
    }

    /// <summary>The route that answers, as the framework chooses it: the most precise of those that fit.</summary>
    private static RouteEndpoint? Find(IReadOnlyList<RouteEndpoint> routes, string address)
    {
        var path = new PathString(Uri.UnescapeDataString(address.Split('?')[0]));
        return routes
            .Where(route =>
                new TemplateMatcher(new RouteTemplate(route.RoutePattern), new RouteValueDictionary(route.RoutePattern.Defaults)).TryMatch(
                    path,
                    []
                )
            )
            .MinBy(static route => route.RoutePattern.InboundPrecedence);
    }
}
