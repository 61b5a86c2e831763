using Builder.Analysis.Values;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Packing;

namespace Builder.Storage.Maintenance;

/// <summary>Looks for pictures in <c>_cache</c> that nothing will ask for: of inputs that no build has any more, or of names that are no picture's.</summary>
/// <param name="directory">The cache, where it is not the one in the data directory.</param>
public sealed class CacheVerifier(BuilderStorage storage, bool repair, string? directory = null)
{
    private readonly DurableFiles files = new();

    public async IAsyncEnumerable<Finding> VerifyAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var cache = directory is null ? storage.Directory.Cache : Path.GetFullPath(directory);
        if (!Directory.Exists(cache))
            yield break;
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        foreach (var path in Directory.EnumerateFiles(cache, "*", SearchOption.AllDirectories))
        {
            if (await ComplaintAsync(session, cache, path, cancellationToken) is not { } complaint)
                continue;
            var finding = new Finding(FindingKind.Extra, Path.GetRelativePath(storage.Directory.Root, path), complaint);
            if (repair)
            {
                files.DeleteFile(path);
                finding = finding with { Repaired = "deleted" };
            }
            yield return finding;
        }
    }

    /// <summary><c>LEFT_RIGHT.json</c>, each a hash; <c>BASE_NEW.dcz</c>.</summary>
    private static bool IsPair(string name, string extension) =>
        name.EndsWith(extension, StringComparison.Ordinal)
        && Path.GetFileNameWithoutExtension(name).Split('_') is [var left, var right]
        && Sha256Digest.TryParse(left, out _)
        && Sha256Digest.TryParse(right, out _);

    private static async Task<string?> ComplaintAsync(
        DatabaseSession session,
        string cache,
        string path,
        CancellationToken cancellationToken
    )
    {
        var parts = Path.GetRelativePath(cache, path).Split('/');
        // Named by what two builds left; nothing else says which builds those were, and it is small.
        if (parts is [var kind, var name] && kind.StartsWith("difference_", StringComparison.Ordinal) && IsPair(name, ".json"))
            return null;
        if (parts is [var deltas, var patch] && deltas.StartsWith("delta_", StringComparison.Ordinal) && IsPair(patch, ".dcz"))
            return null;
        var isPicture =
            parts is [var folder, var file]
            && (folder.StartsWith("treemap_", StringComparison.Ordinal) || folder.StartsWith("dependencies_", StringComparison.Ordinal))
            && file.EndsWith(".html", StringComparison.Ordinal);
        if (!isPicture || !Sha256Digest.TryParse(Path.GetFileNameWithoutExtension(path), out var input))
            return "this is no picture's name";
        return await PackedRows.IsNeededAsync(session, input, cancellationToken) ? null : "no build has the artifact it was drawn from";
    }
}
