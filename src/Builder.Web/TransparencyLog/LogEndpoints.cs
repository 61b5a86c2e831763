using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Storage.Artifacts;
using Builder.Storage.Rebuilders;
using Builder.Storage.Statements;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;
using Builder.Web.Rebuilders;

namespace Builder.Web.TransparencyLog;

/// <summary>The transparency log as C2SP tlog-tiles has it, the file that tells cosign to believe it, and a page about it.</summary>
internal static class LogEndpoints
{
    private const string PlainText = "text/plain; charset=utf-8";
    private const string Bytes = "application/octet-stream";
    private const string Forever = "public, max-age=31536000, immutable";
    private const string FewSeconds = "public, max-age=5";

    public static void MapTransparencyLog(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/tlog/checkpoint", Verbs.Read, SendCheckpointAsync);
        routes.MapMethods("/tlog/vkey", Verbs.Read, SendKeyAsync);
        routes.MapMethods("/tlog/{**path}", Verbs.Read, SendTileAsync);
        routes.MapMethods("/trusted_root.json", Verbs.Read, SendTrustedRootAsync);
        routes.MapMethods(
            Href.Log + "/entry/{index}",
            Verbs.Read,
            (HttpContext http, string index, PageResponder pages) => pages.RespondAsync(http, page => EntryAsync(page, index))
        );
        routes.MapMethods(
            Href.Log,
            Verbs.Read,
            (HttpContext http, PageResponder pages, SiteLog log) =>
                pages.RespondUncachedAsync(http, page => PublicLogPage.AnswerAsync(page, log))
        );
    }

    private static async Task<Answer?> EntryAsync(PageContext page, string index) =>
        !Checkpoint.TryParseSize(index, out var place)
        || await StatementRows.AtPlaceAsync(page.Session, place, page.Stop) is not { } statement
            ? null
        : statement.Build is { } build && await QuorumRows.OfBuildAsync(page.Session, build, page.Stop) is { IsWithheld: true } quorum
            ? await Withholding.RefusalAsync(page.Http, page.Site, page.Now, quorum)
        : Answer.Document(statement.Envelope.ToArray(), "application/json");

    private static Task SendCheckpointAsync(HttpContext http, SiteLog log, PageResponder pages) =>
        SendAsync(http, pages, log.Checkpoint()?.ToBytes(), PlainText, FewSeconds);

    private static Task SendKeyAsync(HttpContext http, SiteLog log, PageResponder pages) =>
        SendAsync(http, pages, log.Key() is { } key ? Encoding.UTF8.GetBytes($"{key.Vkey}\n") : null, PlainText, FewSeconds);

    private static Task SendTileAsync(HttpContext http, string path, SiteLog log, PageResponder pages) =>
        SendAsync(http, pages, TileAddress.TryParse(path, out var address) ? log.Tile(address) : null, Bytes, Forever);

    private static Task SendTrustedRootAsync(HttpContext http, SiteLog log, PageResponder pages)
    {
        // cosign compares the log's name with the host of this address.
        var root = log.Key() is { } key ? TrustedRoot.ToJson(new Uri($"https://{key.Name}"), key, DateTimeOffset.UnixEpoch) : null;
        return SendAsync(http, pages, root, "application/json", FewSeconds);
    }

    private static async Task SendAsync(HttpContext http, PageResponder pages, byte[]? content, string contentType, string caching)
    {
        if (content is null)
        {
            await (await Problems.NotFoundAsync(http, pages.Site, pages.Now)).SendAsync(http);
            return;
        }
        http.Response.Headers.CacheControl = caching;
        var etag = ETags.Strong(Sha256Digest.Of(content).ToString()[..32]);
        await using var stored = new StoredContent(new MemoryStream(content, writable: false), content.Length);
        await FileAnswer.SendAsync(http, stored, contentType, new FileVersion(etag, Changed: null, NeverChanges: caching == Forever));
    }
}
