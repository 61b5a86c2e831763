using System.Diagnostics.CodeAnalysis;

namespace Builder.Protocol.Values;

/// <summary>
/// What a job sees as its root directory, where that is not the worker's own machine: a directory tree, or an image of a container. Its text is
/// <c>tree:sha256:HEX</c> or <c>image:NAME@sha256:HEX</c>.
/// </summary>
/// <param name="Image">The image's name without tag and digest; null for a tree.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits: the digest of a tree (docs/executors.md), or of an image's manifest.</param>
public sealed record JobRoot(string? Image, string Sha256)
{
    /// <summary>The variable that tells it to the job.</summary>
    public const string Variable = "BUILDER_ROOT";

    /// <summary>In <c>system-packages</c> a root is a line beside the packages; its name begins with this (<c>RecordedLists</c> reads it), which no package's does.</summary>
    public const string PackagePrefix = "builder-root:";

    private const string TreePrefix = "tree:sha256:";
    private const string ImagePrefix = "image:";
    private const string DigestPrefix = "@sha256:";
    private const int DigestLength = 64;
    private const int MaxImageLength = 200;

    public static JobRoot OfTree(string sha256) => new(null, sha256);

    /// <summary>The line in <c>system-packages</c>, without its newline.</summary>
    public string PackageLine =>
        Image is null ? $"{PackagePrefix}tree=sha256:{Sha256}" : $"{PackagePrefix}image={Image}{DigestPrefix}{Sha256}";

    public static bool TryParse(string? text, [NotNullWhen(true)] out JobRoot? root)
    {
        root = null;
        if (text is null)
            return false;
        if (text.StartsWith(TreePrefix, StringComparison.Ordinal))
            root = new JobRoot(null, text[TreePrefix.Length..]);
        else if (text.StartsWith(ImagePrefix, StringComparison.Ordinal) && TryParseImage(text[ImagePrefix.Length..], out var image, out _))
            root = image;
        if (root is not null && !IsDigest(root.Sha256))
            root = null;
        return root is not null;
    }

    /// <summary>Reads <c>NAME@sha256:HEX</c>, a name as registries have it: lower case letters, digits, and <c>. _ - / :</c>.</summary>
    /// <param name="reason">What is wrong, and how to fix it.</param>
    public static bool TryParseImage(string text, [NotNullWhen(true)] out JobRoot? image, [NotNullWhen(false)] out string? reason)
    {
        image = null;
        reason = null;
        var at = text.IndexOf(DigestPrefix, StringComparison.Ordinal);
        if (at < 0)
        {
            reason =
                $"\"{text}\" names no digest, and a tag can be another image tomorrow; write NAME@sha256:DIGEST "
                + $"(podman image inspect --format '{{{{.Digest}}}}' {text} prints it)";
            return false;
        }
        var (name, digest) = (text[..at], text[(at + DigestPrefix.Length)..]);
        if (!IsDigest(digest))
            reason = $"\"{digest}\" is no SHA-256: that has 64 digits of 0-9 and a-f";
        else if (name.Length is 0 or > MaxImageLength || !name.All(IsNameCharacter) || !char.IsAsciiLetterOrDigit(name[0]))
            reason = $"\"{name}\" is no name of an image: it has 1 to {MaxImageLength} characters of a-z, 0-9 and . _ - / :";
        else if (name.LastIndexOf(':') > name.LastIndexOf('/'))
            reason = $"\"{name}\" has a tag beside its digest; leave the tag out";
        if (reason is not null)
            return false;
        image = new JobRoot(name, digest);
        return true;
    }

    public override string ToString() => Image is null ? $"{TreePrefix}{Sha256}" : $"{ImagePrefix}{Image}{DigestPrefix}{Sha256}";

    private static bool IsDigest(string text) =>
        text.Length == DigestLength && text.All(static c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private static bool IsNameCharacter(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '_' or '-' or '/' or ':';
}
