using Builder.Storage.Index;

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

    /// <summary>An advisory that applies to every OCaml program.</summary>
    /// <returns>Its id.</returns>
    public string AddAdvisory()
    {
        var folder = Path.Combine(Site.DataDirectory, AdvisoryStore.FolderName);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "OSEC-2026-01.md"), "```\nid: OSEC-2026-01\naffected: \"ocaml\"\n```\n\n# A fault\n");
            Site.Clock.Advance(TimeSpan.FromSeconds(5));
        }
        return "OSEC-2026-01";
    }

    public async ValueTask DisposeAsync()
    {
        if (site is not null)
            await site.DisposeAsync();
    }
}
