using System.Net;
using Builder.Web.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Builder.Web.Tests;

/// <summary>While somebody asks for all that is expensive, everybody else has their pages.</summary>
public sealed class CrawlerTests
{
    private const string Hello = "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb";

    [Theory]
    [InlineData("/compare/4e467a04-af65-4b95-9a98-d426445e1feb/de9aa117-ee32-4e5c-9f5e-4af061420a4b", HttpStatusCode.ServiceUnavailable)]
    [InlineData("/search?q=hel", HttpStatusCode.ServiceUnavailable)]
    [InlineData("/search?q=4e467a04-af65-4b95-9a98-d426445e1feb", HttpStatusCode.Redirect)]
    [InlineData("/search?q=4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8", HttpStatusCode.Redirect)]
    [InlineData("/hash?sha256=4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8", HttpStatusCode.Redirect)]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/job/hello", HttpStatusCode.OK)]
    [InlineData(Hello, HttpStatusCode.OK)]
    [InlineData(Hello + "/log", HttpStatusCode.OK)]
    [InlineData(Hello + "/f/bin/hello.hvt", HttpStatusCode.OK)]
    public async Task What_is_expensive_is_refused_beyond_its_places_and_all_else_is_answered(string address, HttpStatusCode status)
    {
        await using var site = await Site.FilledAsync();
        var expensive = site.Web.Services.GetRequiredService<ExpensiveWork>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        // All places first, also the one that the preparation of pictures may have at the start; then the whole queue, until one is refused.
        var granted = new List<ExpensiveWork.Turn>();
        while (granted.Count < Math.Max(1, Environment.ProcessorCount / 2))
            granted.Add(await expensive.EnterAsync(stop.Token));
        var waiting = new List<Task<ExpensiveWork.Turn>>();
        for (var next = Enter(); !next.IsCompleted; next = Enter())
            waiting.Add(next);
        using var answer = await site.Http.GetAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status == HttpStatusCode.ServiceUnavailable, answer.Headers.RetryAfter is not null);
        await stop.CancelAsync();
        await Task.WhenAll(waiting.Select(turn => Assert.ThrowsAnyAsync<OperationCanceledException>(() => turn)));
        granted.ForEach(turn => turn.Dispose());

        Task<ExpensiveWork.Turn> Enter() => expensive.EnterAsync(stop.Token).AsTask();
    }
}
