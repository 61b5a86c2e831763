using Builder.Protocol.Values;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Queue;
using Builder.Storage.Database;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Repositories;

/// <summary>What a repository offers: packages with their versions, the builds they came from, and whether those were reproduced.</summary>
public sealed record RepositoryPage(
    PageLayout PageLayout,
    RepositoryKind Kind,
    string Origin,
    string? Branch,
    IReadOnlyList<string> Branches,
    int Total,
    int Start,
    IReadOnlyList<RepositoryRow> Rows
)
{
    private const int PageSize = 200;

    public string Path => Kind == RepositoryKind.Debian ? Href.Apt : Href.Pkg;

    public bool HasMore => Start + Rows.Count < Total;

    public string Address(int start) => $"{Path}{Href.Query("branch", Branch)}&start={start}";

    internal static async Task<Answer?> AnswerAsync(PageContext page, PublishingQueue queue, RepositoryKind kind)
    {
        // Other processes publish, too: the program for it on the command line, and hooks.
        page.Moment.ChangesWithin(PublishingHost.NoticedWithin);
        var set = queue.Repositories;
        var branches = kind == RepositoryKind.Debian ? set.Debian!.Distributions : set.FreeBsd!.Abis;
        var branch = page.Query("branch") ?? (branches.Count > 0 ? branches[0] : null);
        if (page.Query("branch") is { } asked && !branches.Contains(asked))
            return null;
        var packages =
            branch is null ? []
            : kind == RepositoryKind.Debian ? await set.Debian!.ListAsync(branch, page.Stop)
            : await set.FreeBsd!.ListAsync(branch, page.Stop);
        var start = int.TryParse(page.Query("start"), out var given) ? Math.Clamp(given, 0, packages.Count) : 0;
        var rows = new List<RepositoryRow>();
        foreach (var package in packages.Skip(start).Take(PageSize))
            rows.Add(await RowAsync(page.Session, package, page.Stop));
        var title = kind == RepositoryKind.Debian ? "Debian packages" : "FreeBSD packages";
        return await Answer.PageAsync(
            Repository.Create(
                new RepositoryPage(
                    page.PageLayout(title, NavigationEntry.Packages),
                    kind,
                    SiteOrigin.Of(page.Http.Request),
                    branch,
                    branches,
                    packages.Count,
                    start,
                    rows
                )
            )
        );
    }

    /// <summary>A build may be gone while its package is still there.</summary>
    private static async Task<RepositoryRow> RowAsync(
        DatabaseSession session,
        PublishedPackage package,
        CancellationToken cancellationToken
    )
    {
        if (!BuildUuid.TryParse(package.BuildUuid, out var uuid))
            return new RepositoryRow(package, null, null, null);
        var facts = await session.QueryFirstAsync(
            """
            SELECT b.start_d, b.start_ps, b.input_id IS NOT NULL,
                   (SELECT COUNT(*) FROM build o WHERE o.job = b.job AND o.main_sha256 = b.main_sha256 AND o.id <> b.id),
                   (SELECT COUNT(*) FROM build o WHERE o.job = b.job AND o.input_id = b.input_id AND o.main_sha256 <> b.main_sha256)
            FROM build b
            WHERE b.uuid = @uuid
            """,
            row => (Started: row.Timestamp(0), Verdict: Verdict.Of(true, row.Boolean(2), (int)row.Integer(3), (int)row.Integer(4))),
            cancellationToken,
            ("@uuid", uuid)
        );
        return facts == default
            ? new RepositoryRow(package, null, null, null)
            : new RepositoryRow(package, uuid, facts.Started, facts.Verdict);
    }
}

/// <param name="Build">Null where the build was removed.</param>
public sealed record RepositoryRow(PublishedPackage Package, BuildUuid? Build, Timestamp? Started, Verdict? Verdict);
