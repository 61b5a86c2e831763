using Builder.Analysis.Values;
using Builder.Objects.Transfer;

namespace Builder.Storage.Buckets;

/// <summary>Addresses of the bucket from which anybody can get a content for a few minutes.</summary>
public sealed class PresignedDownloads(ObjectClient client)
{
    /// <summary>Long enough to begin a download; one that has begun goes on.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Null where the bucket has no such content as one object.</summary>
    public async Task<Uri?> AddressOfAsync(Sha256Digest digest, string contentType, CancellationToken cancellationToken) =>
        await client.HeadAsync(BucketKeys.OfArtifact(digest), cancellationToken) is null
            ? null
            // Never shown in place: the bucket's origin has no policy that keeps pages of strangers from running.
            : client.Presign(BucketKeys.OfArtifact(digest), Lifetime, contentType, "attachment");
}
