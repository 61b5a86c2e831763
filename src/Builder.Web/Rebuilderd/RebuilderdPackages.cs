using System.Text.Json;
using Builder.Proof.Links;
using Builder.Protocol.Values;
using Builder.Publishing.Packages;
using Builder.Publishing.Queue;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;
using Builder.Web.Pages;
using Builder.Web.Repositories;

namespace Builder.Web.Rebuilderd;

/// <summary>The Debian packages that the site publishes now, with what is known of their builds.</summary>
internal static class RebuilderdPackages
{
    /// <summary>By id. Empty where there is no repository for apt.</summary>
    /// <param name="name">Only packages of this name; null for all.</param>
    public static async Task<List<RebuilderdPackage>> AllAsync(PageContext page, string? name = null, string? release = null)
    {
        if (page.Http.RequestServices.GetService<PublishingQueue>()?.Repositories.Debian is not { } debian)
            return [];
        page.Moment.ChangesWithin(PublishingHost.NoticedWithin);
        var found = new List<RebuilderdPackage>();
        foreach (var branch in debian.Distributions.Where(branch => release is null || release == branch))
        {
            foreach (var package in await debian.ListAsync(branch, page.Stop))
            {
                if ((name is null || name == package.Name) && await FindAsync(page.Session, package, page.Stop) is { } known)
                    found.Add(known);
            }
        }
        return [.. found.OrderBy(static package => package.Id)];
    }

    /// <summary>The in-toto link of a rebuilder that agrees; null where there is none.</summary>
    /// <param name="isNamedAfterFile">The step is <c>rebuild FILE</c>, as rebuilderd names it, and not <c>rebuild</c>.</param>
    public static async Task<byte[]?> LinkAsync(PageContext page, RebuilderdPackage package, bool isNamedAfterFile)
    {
        if (
            package.Attested is not { } row
            || await RebuildRows.FindAsync(page.Session, row.Build, row.PayloadDigest, page.Stop) is not var (_, links)
        )
            return null;
        for (var rest = links.AsMemory(); !rest.IsEmpty; )
        {
            var end = rest.Span.IndexOf((byte)'\n') is >= 0 and var at ? at : rest.Length;
            using var link = JsonDocument.Parse(rest[..end]);
            if (link.RootElement.GetProperty("signed").GetProperty("name").GetString() != InTotoLink.Step == isNamedAfterFile)
                return rest[..end].ToArray();
            rest = rest[Math.Min(rest.Length, end + 1)..];
        }
        return null;
    }

    /// <summary>Null where the build was removed.</summary>
    private static async Task<RebuilderdPackage?> FindAsync(DatabaseSession session, PublishedPackage package, CancellationToken stop)
    {
        if (!BuildUuid.TryParse(package.BuildUuid ?? "", out var uuid))
            return null;
        var facts = await session.QueryFirstAsync(
            """
            SELECT b.id, j.name, b.start_d, b.start_ps, b.finish_d, b.finish_ps,
                   EXISTS (SELECT 1 FROM build o WHERE o.job = b.job AND o.input_id = b.input_id AND o.main_sha256 = b.main_sha256 AND o.id <> b.id)
            FROM build b
            JOIN job j ON j.id = b.job
            WHERE b.uuid = @uuid
            """,
            static row =>
                ((long Id, string Job, Timestamp Started, Timestamp Finished, bool IsRepeated)?)
                    (row.Integer(0), row.Text(1), row.Timestamp(2), row.Timestamp(4), row.Boolean(6)),
            stop,
            ("@uuid", uuid)
        );
        if (facts is not { } build)
            return null;
        var tally = (await QuorumRows.OfBuildAsync(session, uuid, stop))?.Tally ?? RebuildTally.None;
        var status =
            tally.Agreeing.Length > 0 || (build.IsRepeated && tally.Dissenting.Length == 0) ? RebuilderdPackage.Good
            : tally.Dissenting.Length > 0 ? RebuilderdPackage.Bad
            : RebuilderdPackage.Unknown;
        return new RebuilderdPackage(
            build.Id,
            uuid,
            build.Job,
            package,
            build.Started,
            build.Finished,
            status,
            tally.Agreeing.FirstOrDefault()
        );
    }
}
