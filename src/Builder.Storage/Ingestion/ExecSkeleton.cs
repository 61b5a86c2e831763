using System.Buffers.Binary;
using Builder.Analysis.Values;
using Builder.Protocol.Streaming;

namespace Builder.Storage.Ingestion;

/// <summary>
/// The file <c>exec</c> of a build: the uploaded exec with a reference in place of each artifact's bytes. It keeps what tables and
/// text files do not: the console to the nanosecond, the order of artifacts, and those that are withheld.
/// </summary>
internal static class ExecSkeleton
{
    public const string FileName = "exec";
    public const string WithheldFolder = "withheld";

    private const byte InStore = 1;
    private const byte Withheld = 0;
    private const int ReferenceSize = 1 + sizeof(long) + Sha256Digest.SizeInBytes;

    public static ArtifactFile Refer(StagedArtifact artifact)
    {
        var reference = new byte[ReferenceSize];
        reference[0] = artifact.IsWithheld ? Withheld : InStore;
        BinaryPrimitives.WriteInt64BigEndian(reference.AsSpan(1), artifact.Length);
        artifact.Digest.CopyTo(reference.AsSpan(1 + sizeof(long)));
        return new ArtifactFile(
            artifact.Path,
            ReferenceSize,
            _ => ValueTask.FromResult<Stream>(new MemoryStream(reference, writable: false))
        );
    }

    /// <exception cref="InvalidDataException">Not a reference.</exception>
    public static async Task<(bool IsWithheld, long Length, Sha256Digest Digest)> ReadReferenceAsync(
        ArtifactContent artifact,
        CancellationToken cancellationToken
    )
    {
        var reference = new byte[ReferenceSize];
        if (
            artifact.Length != ReferenceSize
            || await artifact.Content.ReadAtLeastAsync(reference, ReferenceSize, throwOnEndOfStream: false, cancellationToken)
                != ReferenceSize
        )
            throw new InvalidDataException($"the kept exec holds no reference for \"{artifact.PathAsWritten}\"");
        return (
            reference[0] == Withheld,
            BinaryPrimitives.ReadInt64BigEndian(reference.AsSpan(1)),
            Sha256Digest.FromBytes(reference.AsSpan(1 + sizeof(long)))
        );
    }
}
