using Microsoft.AspNetCore.StaticFiles;

namespace Builder.Web.Http;

/// <summary>What an artifact is served as, by its path.</summary>
internal static class ContentTypes
{
    private const string PlainText = "text/plain; charset=utf-8";
    private const string Bytes = "application/octet-stream";

    private static readonly FileExtensionContentTypeProvider ByExtension = new();

    public static string Of(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (
            path is "build-environment" or "opam-switch" or "system-packages" or "build-inputs"
            || path.EndsWith(".build-hashes", StringComparison.Ordinal)
        )
            return PlainText;
        if (path.StartsWith("bin/", StringComparison.Ordinal))
            return Bytes;
        if (!ByExtension.TryGetContentType(name, out var type))
            return Bytes;
        return type.StartsWith("text/", StringComparison.Ordinal) ? type + "; charset=utf-8" : type;
    }
}
