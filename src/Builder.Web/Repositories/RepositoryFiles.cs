using System.Globalization;
using Builder.Publishing.Options;
using Builder.Storage.Artifacts;
using Builder.Web.Http;

namespace Builder.Web.Repositories;

/// <summary>
/// Sends files of a repository. What carries its hash or its build in its name never changes and may be kept for ever; the
/// rest is asked for again each time. A file is opened once, so a switch of snapshots in the middle changes nothing.
/// </summary>
internal static class RepositoryFiles
{
    private const string Forever = "public, max-age=31536000, immutable";
    private const string AskAgain = "no-cache";

    /// <summary>False where there is no such file.</summary>
    public static async Task<bool> TrySendAsync(HttpContext http, RepositorySettings settings, string path)
    {
        if (Open(settings.Directory, path) is not { } file)
            return false;
        await using var content = new StoredContent(file, file.Length);
        var changed = new DateTimeOffset(File.GetLastWriteTimeUtc(file.SafeFileHandle), TimeSpan.Zero);
        var response = http.Response;
        response.Headers.ContentSecurityPolicy = SecurityHeaders.Sandbox;
        response.Headers.CacheControl = IsUnchanging(path) ? Forever : AskAgain;
        var etag = ETags.Strong(string.Create(CultureInfo.InvariantCulture, $"{changed.UtcTicks:x}-{content.Length:x}"));
        await FileAnswer.SendAsync(http, content, ContentType(path), new FileVersion(etag, changed, IsUnchanging(path)));
        return true;
    }

    /// <summary>Names with a dot in front are ours, and nothing leads out of the directory.</summary>
    private static FileStream? Open(string directory, string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal) || path.Split('/').Any(segment => segment.Length == 0 || segment[0] == '.'))
            return null;
        try
        {
            return new FileStream(
                Path.Combine(directory, path),
                new FileStreamOptions
                {
                    Access = FileAccess.Read,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                    BufferSize = 0,
                }
            );
        }
        catch (Exception exception)
            when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or PathTooLongException)
        {
            // A directory is "unauthorized": there is nothing to send either way.
            return null;
        }
    }

    private static bool IsUnchanging(string path) =>
        path.StartsWith("pool/", StringComparison.Ordinal)
        || path.Contains("/by-hash/", StringComparison.Ordinal)
        || path.Contains("/All/", StringComparison.Ordinal);

    private static string ContentType(string path) =>
        Path.GetExtension(path) switch
        {
            ".deb" => "application/vnd.debian.binary-package",
            ".asc" => "application/pgp-keys",
            ".gpg" => "application/pgp-signature",
            ".gz" => "application/gzip",
            ".xz" or ".txz" => "application/x-xz",
            ".pub" => "application/x-pem-file",
            _ when Path.GetFileName(path) is "InRelease" or "Release" or "Packages" or "meta.conf" or "fingerprint" =>
                "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        };
}
