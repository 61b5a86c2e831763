using Builder.Analysis.Values;

namespace Builder.Storage.Buckets;

/// <summary>The layout of a bucket, below its prefix.</summary>
internal static class BucketKeys
{
    /// <summary>Contents: <c>artifacts/HH/HEX</c>.</summary>
    public const string Artifacts = "artifacts/";

    /// <summary>Hashes of the pieces of large contents: <c>chunks/HH/HEX</c>. They can be made anew.</summary>
    public const string Chunks = "chunks/";

    /// <summary>Folders of builds: <c>builds/JOB/UUID/console.txt</c> and so on.</summary>
    public const string Builds = "builds/";

    /// <summary>Files of uploads under way: <c>uploads/UPLOAD/console.txt</c>.</summary>
    public const string Uploads = "uploads/";

    /// <summary>What can be drawn or computed again: <c>cache/KIND_VERSION/NAME</c>.</summary>
    public const string Cache = "cache/";

    public static string OfArtifact(Sha256Digest digest) => Sharded(Artifacts, digest);

    public static string OfChunks(Sha256Digest digest) => Sharded(Chunks, digest);

    /// <summary>The content that a key of <see cref="Artifacts"/> or <see cref="Chunks"/> names; null where it is none of ours.</summary>
    public static Sha256Digest? DigestOf(string key) =>
        key.Split('/') is [_, var shard, var name]
        && Sha256Digest.TryParse(name, out var digest)
        && name.StartsWith(shard, StringComparison.Ordinal)
            ? digest
            : null;

    private static string Sharded(string prefix, Sha256Digest digest)
    {
        var hex = digest.ToString();
        return $"{prefix}{hex[..2]}/{hex}";
    }
}
