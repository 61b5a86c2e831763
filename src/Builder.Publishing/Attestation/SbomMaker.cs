using Builder.Analysis.Opam;
using Builder.Analysis.Values;
using Builder.Proof.Sbom;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;

namespace Builder.Publishing.Attestation;

/// <summary>Lists the components of a checked build, the same that the site serves, from bytes whose digests are checked once more.</summary>
internal sealed class SbomMaker(IArtifactStore artifacts, SignerSettings settings)
{
    /// <summary>Larger contents are not looked into: what is checked must stay in memory, since others can write the files.</summary>
    private const long MaxContent = 64 << 20;

    /// <summary>A switch with 200 packages takes some 2 MB as it was read.</summary>
    private readonly SbomPartCache parts = new(maxParts: 32);

    /// <summary>The packages that opam had installed, read once for all statements; null where a build has no such list, or one that cannot be read.</summary>
    public async ValueTask<SwitchExport?> SwitchOfAsync(CheckedBuild build) =>
        build.Inputs.TryGetValue("opam-switch", out var bytes)
            ? await parts.GetAsync(
                Sha256Digest.Of(bytes),
                () => new ValueTask<SwitchExport?>(SwitchExport.TryParse(bytes, "opam-switch", out var export, out _) ? export : null)
            )
            : null;

    /// <summary>Null where there is no main binary, or one that is too large.</summary>
    public async Task<SbomDocument?> MakeAsync(CheckedBuild build, CancellationToken cancellationToken)
    {
        if (build.MainBinary is not { Size: <= MaxContent } main)
            return null;
        var lists = build
            .Artifacts.Where(artifact => build.Inputs.ContainsKey(artifact.Name))
            .DistinctBy(static artifact => artifact.Digest)
            .ToDictionary(static artifact => artifact.Digest, artifact => build.Inputs[artifact.Name]);
        var reader = new SbomReader(
            (digest, stop) =>
                lists.TryGetValue(digest, out var list)
                    ? ValueTask.FromResult<Stream?>(new MemoryStream(list, writable: false))
                    : OpenAsync(digest, stop),
            parts
        );
        var known = new SbomBuild
        {
            Job = build.Job.Value,
            Uuid = Guid.Parse(build.Uuid.ToString()),
            Platform = build.Platform.Value,
            Started = Moment(build.Started),
            Finished = Moment(build.Finished),
            Main = new SbomFile(main.Name, main.Digest, main.Size),
            Page = new Uri($"{settings.Site}/job/{Uri.EscapeDataString(build.Job.Value)}/build/{build.Uuid}"),
        };
        return SbomDocument.Of(
            await reader.ReadAsync(
                known,
                [
                    .. build
                        .Artifacts.Where(static artifact => artifact.Size <= MaxContent)
                        .Select(static artifact => new SbomArtifact(artifact.Name, artifact.Digest, artifact.Size)),
                ],
                cancellationToken
            )
        );
    }

    /// <summary>The statements to sign, by their kind in the database.</summary>
    public static IEnumerable<(string Kind, byte[] Statement)> StatementsOf(SbomDocument document)
    {
        ResourceDescriptor[] subject = [ResourceDescriptor.Of(document.Build.Main.Name, document.Build.Main.Hash)];
        yield return (
            Storage.Statements.StatementKind.Spdx,
            InTotoStatement.Write(subject, new DocumentPredicate(DocumentPredicate.Spdx, document.ToSpdx()))
        );
        yield return (
            Storage.Statements.StatementKind.CycloneDx,
            InTotoStatement.Write(subject, new DocumentPredicate(DocumentPredicate.CycloneDx, document.ToCycloneDx()))
        );
    }

    private async ValueTask<Stream?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (await artifacts.OpenAsync(digest, cancellationToken) is not { } content)
            return null;
        await using (content)
        {
            if (content.Length > MaxContent)
                return null;
            var bytes = new byte[content.Length];
            var count = await content.Stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return count == bytes.Length && Sha256Digest.Of(bytes) == digest
                ? new MemoryStream(bytes, writable: false)
                : throw new AttestationRefusedException($"the file with SHA-256 {digest} changed while it was read", isFinal: false);
        }
    }

    private static DateTimeOffset? Moment(Timestamp time) =>
        time.Ticks >= -DateTimeOffset.UnixEpoch.Ticks && time.Ticks <= (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks
            ? time.ToDateTimeOffset()
            : null;
}
