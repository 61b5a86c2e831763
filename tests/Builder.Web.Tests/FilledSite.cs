namespace Builder.Web.Tests;

/// <summary>One filled site for the tests of a class that only read.</summary>
public sealed class FilledSite : IAsyncLifetime
{
    private Site? site;

    public Site Site => site ?? throw new InvalidOperationException("not started");

    public HttpClient Http => Site.Http;

    public async ValueTask InitializeAsync()
    {
        site = await Site.FilledAsync(prepare: TestedLog.MakeAsync);
        await TestedStatements.AddAsync(site);
        await site.IndexedAsync();
    }

    /// <inheritdoc cref="Site.AddAdvisory"/>
    public string AddAdvisory() => Site.AddAdvisory();

    public async ValueTask DisposeAsync()
    {
        if (site is not null)
            await site.DisposeAsync();
    }
}
