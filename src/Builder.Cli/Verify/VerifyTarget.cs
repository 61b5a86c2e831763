using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Cli.Files;
using Builder.Protocol.Values;

namespace Builder.Cli.Verify;

/// <summary>What is to be verified: its hash, and the build that its address names.</summary>
/// <param name="Job">Null for a file.</param>
/// <param name="Build">The uuid; null for a file.</param>
internal sealed record VerifyTarget(string Name, Sha256Digest Digest, string? Job, string? Build)
{
    private const int ReadBuffer = 1 << 20;

    /// <summary>Path of the page of its build; null for a file.</summary>
    public string? Page => Job is null ? null : $"/job/{Uri.EscapeDataString(Job)}/build/{Build}";

    public static async Task<VerifyTarget> OfFileAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = NamedFile.Open(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[ReadBuffer];
        int count;
        // Not asynchronous: the disk is faster than a thread that is handed on.
        while ((count = file.Read(buffer)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
        }
        return new VerifyTarget(Path.GetFileName(path), Sha256Digest.FromBytes(hash.GetHashAndReset()), null, null);
    }

    /// <summary>An artifact, or the main binary of a build.</summary>
    public static async Task<VerifyTarget> OfAddressAsync(VerifySite site, Uri address, CancellationToken cancellationToken)
    {
        var isBuild = address.AbsolutePath.TrimEnd('/').Split('/') is [.., "job", _, "build", _];
        var download = isBuild ? new Uri(address, $"{address.AbsolutePath.TrimEnd('/')}/main-binary{address.Query}") : address;
        var (digest, final) = await site.HashAsync(download, cancellationToken);
        var name = Uri.UnescapeDataString(final.Segments[^1]);
        return final.AbsolutePath.Split('/') is [_, "job", var job, "build", var build, ..] && BuildUuid.TryParse(build, out var uuid)
            ? new VerifyTarget(name, digest, Uri.UnescapeDataString(job), uuid.ToString())
            : new VerifyTarget(name, digest, null, null);
    }
}
