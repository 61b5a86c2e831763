using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Builder.Web.Http;

/// <summary>
/// The stylesheet, the scripts and the icon: part of the program, held in memory with their compressed forms, addressed by
/// their hash, so that browsers keep them for good.
/// </summary>
internal static class Assets
{
    private static readonly Dictionary<string, Asset> ByPath = new(StringComparer.Ordinal);

    public static string Stylesheet { get; } = Load("site.css", "text/css; charset=utf-8");

    public static string Script { get; } = Load("site.js", "text/javascript; charset=utf-8");

    public static string ThemeScript { get; } = Load("theme.js", "text/javascript; charset=utf-8");

    public static string LiveScript { get; } = Load("live.js", "text/javascript; charset=utf-8");

    public static string ApiScript { get; } = Load("api.js", "text/javascript; charset=utf-8");

    public static string Icon { get; } = Load("favicon.svg", "image/svg+xml");

    public static void MapAssets(this IEndpointRouteBuilder routes) =>
        routes
            .MapMethods(
                "/static/{name}",
                Verbs.Read,
                Results<NotFound, EmptyHttpResult> (string name, HttpContext context) =>
                {
                    if (!ByPath.TryGetValue("/static/" + name, out var asset))
                        return TypedResults.NotFound();
                    var response = context.Response;
                    response.Headers.CacheControl = "public, max-age=31536000, immutable";
                    response.Headers.Vary = "Accept-Encoding";
                    response.ContentType = asset.ContentType;
                    var encoding = ContentCoding.Choose(context.Request);
                    var body =
                        encoding is null ? asset.Plain
                        : asset.Brotli is { } brotli && encoding == "br" ? brotli
                        : asset.Gzip;
                    response.Headers.ETag = ETags.Strong($"{asset.Hash}{(encoding is null ? "" : "-" + encoding)}");
                    if (ETags.TryAnswer(context, response.Headers.ETag.ToString()))
                        return TypedResults.Empty;
                    if (encoding is not null)
                        response.Headers.ContentEncoding = encoding;
                    response.ContentLength = body.Length;
                    response.BodyWriter.Write(body);
                    return TypedResults.Empty;
                }
            )
            .ExcludeFromDescription();

    private static string Load(string name, string contentType)
    {
        using var stream =
            typeof(Assets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded in the program");
        var plain = new byte[stream.Length];
        stream.ReadExactly(plain);
        var hash = Convert.ToHexStringLower(SHA256.HashData(plain))[..16];
        var path = $"/static/{hash}-{name}";
        ByPath[path] = new Asset(
            hash,
            contentType,
            plain,
            ContentCoding.Gzip(plain, CompressionLevel.SmallestSize),
            ContentCoding.Brotli(plain)
        );
        return path;
    }

    private sealed record Asset(string Hash, string ContentType, byte[] Plain, byte[] Gzip, byte[]? Brotli);
}
