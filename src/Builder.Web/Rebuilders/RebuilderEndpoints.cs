using System.Globalization;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Rebuilding;
using Builder.Protocol.Values;
using Builder.Storage.Rebuilders;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Rebuilders;

/// <summary>Who builds again what this site shows, what they got, and the list that they work through.</summary>
internal static class RebuilderEndpoints
{
    private const int MaxShown = 10;
    private const int UsualBuilds = 100;
    private const int MaxBuilds = 500;

    public static void MapRebuilders(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            Href.Rebuilders,
            Verbs.Read,
            static (HttpContext http, PageResponder pages) => pages.RespondAsync(http, ListAsync)
        );
        routes.MapMethods(
            Href.Rebuilders + "/builds",
            Verbs.Read,
            static (HttpContext http, PageResponder pages) => pages.RespondAsync(http, BuildsAsync)
        );
        routes.MapMethods(
            "/job/{job}/build/{build}/rebuilders",
            Verbs.Read,
            static (HttpContext http, string job, string build, PageResponder pages) =>
                pages.RespondAsync(http, page => OfBuildAsync(page, job, build))
        );
        routes.MapMethods(
            "/job/{job}/build/{build}/rebuilders/{statement}",
            Verbs.Read,
            static (HttpContext http, string job, string build, string statement, PageResponder pages) =>
                pages.RespondAsync(http, page => StatementAsync(page, job, build, statement))
        );
        routes.MapPost(
            "/job/{job}/build/{build}/attestations",
            static (HttpContext http, string job, string build, StatementIntake intake) => intake.TakeAsync(http, job, build)
        );
    }

    private static async Task<Answer?> ListAsync(PageContext page)
    {
        var keys = new List<ShownKey>();
        foreach (var rebuilder in await RebuilderRows.AllAsync(page.Session, page.Stop))
        {
            var latest = await RebuilderQueries.LatestOfKeyAsync(page.Session, rebuilder.KeyId, MaxShown, page.Stop);
            keys.Add(new ShownKey(rebuilder, latest));
        }
        var model = new RebuilderList(
            page.PageLayout("Rebuilders"),
            [
                .. keys.GroupBy(static key => key.Rebuilder.Name, StringComparer.Ordinal)
                    .OrderBy(static name => name.Key, StringComparer.Ordinal),
            ],
            SiteOrigin.Of(page.Http.Request)
        );
        return page.WantsJson ? Answer.Json(json => Write(json, keys)) : await Answer.PageAsync(Rebuilders.Create(model));
    }

    private static void Write(Utf8JsonWriter json, IEnumerable<ShownKey> keys)
    {
        json.WriteStartObject();
        json.WriteStartArray("rebuilders");
        foreach (var (rebuilder, _) in keys)
        {
            json.WriteStartObject();
            json.WriteString("name", rebuilder.Name);
            json.WriteString("key_id", rebuilder.KeyId);
            json.WriteString("public_key", VerificationKey.FromSubjectPublicKeyInfo(rebuilder.PublicKey).ToPem());
            json.WriteString("added", Time(rebuilder.Added));
            json.WriteString("retired", Time(rebuilder.Retired));
            json.WriteString("void_from", Time(rebuilder.VoidFrom));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Builds that can be repeated, in the order in which they came: whoever follows asks for those after the last one seen.</summary>
    private static async Task<Answer?> BuildsAsync(PageContext page)
    {
        var after = Number(page.Query("after")) ?? 0;
        var count = (int)Math.Clamp(Number(page.Query("count")) ?? UsualBuilds, 1, MaxBuilds);
        if (page.Query("job") is { } job)
            return await OfJobAsync(page, job, count);
        var builds = await RebuilderQueries.RepeatableAsync(page.Session, after, count, page.Stop);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("builds");
            foreach (var build in builds)
            {
                json.WriteStartObject();
                WriteFacts(json, build);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("next", builds.Count == 0 ? after : builds[^1].Id);
            json.WriteEndObject();
        });
    }

    /// <summary>The newest of one job, with what they left: for those who compare sites.</summary>
    private static async Task<Answer?> OfJobAsync(PageContext page, string job, int count)
    {
        var builds = (await RebuilderQueries.OfJobAsync(page.Session, job, count, page.Stop)).OfType<RepeatableBuild>().ToList();
        var withheld = await QuorumRows.WithheldAsync(page.Session, builds.Select(static build => build.Uuid), page.Stop);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("builds");
            foreach (var build in builds)
            {
                json.WriteStartObject();
                WriteFacts(json, build);
                json.WriteString("sha256", withheld.Contains(build.Uuid) ? null : build.Main?.ToString());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("next", 0);
            json.WriteEndObject();
        });
    }

    private static void WriteFacts(Utf8JsonWriter json, RepeatableBuild build)
    {
        json.WriteString("job", build.Job);
        json.WriteString("uuid", build.Uuid.ToString());
        json.WriteString("platform", build.Platform);
        json.WriteString("input_id", build.InputId.ToString());
        json.WriteString("finish_time", Wording.Rfc3339(build.Finished));
    }

    private static async Task<Answer?> OfBuildAsync(PageContext page, string job, string build)
    {
        if (
            !BuildUuid.TryParse(build, out var uuid)
            || await RebuilderQueries.FindAsync(page.Session, job, uuid, page.Stop) is not { } facts
        )
            return null;
        var quorum = await QuorumRows.OfBuildAsync(page.Session, uuid, page.Stop) ?? new Quorum(null, []);
        if (page.WantsJson)
            return Answer.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("job", job);
                json.WriteString("uuid", uuid.ToString());
                QuorumJson.Write(json, quorum);
                json.WriteEndObject();
            });
        var details = new List<RebuildDetail>();
        foreach (var row in quorum.Tally.Agreeing.Concat(quorum.Tally.Dissenting).OrderBy(static row => row.Name, StringComparer.Ordinal))
            details.Add(
                quorum.IsWithheld ? new RebuildDetail(row, [], null) : await RebuildDetail.ReadAsync(page.Session, facts, row, page.Stop)
            );
        var model = new BuildRebuildersPage(
            page.PageLayout($"Rebuilders of {job}, {Wording.Moment(facts.Started)}"),
            facts,
            quorum,
            details,
            SiteOrigin.Of(page.Http.Request)
        );
        return await Answer.PageAsync(BuildRebuilders.Create(model));
    }

    /// <summary>The signed statement and its links, as they came.</summary>
    private static async Task<Answer?> StatementAsync(PageContext page, string job, string build, string statement) =>
        BuildUuid.TryParse(build, out var uuid)
        && Sha256Digest.TryParse(statement, out var digest)
        && await RebuilderQueries.FindAsync(page.Session, job, uuid, page.Stop) is not null
        && await RebuildRows.FindAsync(page.Session, uuid, digest, page.Stop) is var (envelope, links)
            ? Answer.Document([.. envelope, (byte)'\n', .. links], RebuildStatement.MediaType)
            : null;

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
