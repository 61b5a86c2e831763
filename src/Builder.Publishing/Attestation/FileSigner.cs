using System.Collections.Immutable;
using Builder.Analysis.Values;
using Builder.Proof.FileSignatures;
using Builder.Proof.Keys;
using Builder.Proof.Links;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Statements;

namespace Builder.Publishing.Attestation;

/// <summary>
/// Signs files for signify, minisign and in-toto with the key for files: only what the provenance that this signer signed names, and of no build that was
/// taken back. Ed25519 gives the same signature each time, so nothing is kept.
/// </summary>
internal sealed class FileSigner(KeyDirectory keys, IssuedStatements issued, IArtifactStore artifacts)
{
    /// <summary>in-toto wants a date after which a layout is void; what the layout says does not change.</summary>
    private const int LayoutYears = 20;

    /// <exception cref="SignerException">The key cannot be used.</exception>
    public async Task<SignerAnswer> AnswerAsync(SignerRequest request, CancellationToken cancellationToken)
    {
        var documents = new List<SignedDocument>();
        var refused = new List<SignerRefusal>();
        using var key = (Ed25519SigningKey)keys.LoadCurrent(keys.Read(), KeyUse.Files);
        foreach (var text in request.Builds)
        {
            try
            {
                var provenance = Find(text);
                if (request.Kind == FileSignatureKind.Minisign)
                    documents.Add(await MinisignAsync(text, provenance, key, cancellationToken));
                else
                    documents.AddRange(Lists(text, provenance, key));
            }
            catch (AttestationRefusedException exception)
            {
                refused.Add(new SignerRefusal(text, exception.Message, exception.IsFinal));
            }
        }
        return new SignerAnswer(documents, [], refused);
    }

    private IssuedStatement Find(string text)
    {
        if (!BuildUuid.TryParse(text, out var uuid))
            throw new AttestationRefusedException("not a uuid", isFinal: true);
        if (issued.Latest(uuid, StatementKind.Retraction) is not null)
            throw new AttestationRefusedException("it was taken back", isFinal: true);
        return issued.Latest(uuid, StatementKind.Provenance)
            ?? throw new AttestationRefusedException("it has no provenance yet", isFinal: false);
    }

    private static IEnumerable<SignedDocument> Lists(string build, IssuedStatement provenance, Ed25519SigningKey key)
    {
        var main = provenance.Facts.Main;
        ImmutableArray<(string Name, Sha256Digest Digest)> files =
        [
            .. InTotoStatement
                .Parse(DsseEnvelope.Parse(provenance.Envelope).Payload)
                .Subjects.Where(subject => subject is { Name: not null, Sha256: not null })
                .Select(subject => (subject.Name!, subject.Sha256!.Value)),
        ];
        // Who fetched only the main binary has it without its directory.
        var withMain = main is { } one && FileName(one.Name) != one.Name ? files.Add((FileName(one.Name), one.Digest)) : files;
        yield return Document(build, FileSignatureKind.Signify, SignifySignature.Sign(withMain, key, "builder-files.pub"), provenance, key);
        if (main is not { } binary)
            yield break;
        var name = FileName(binary.Name);
        yield return Document(
            build,
            FileSignatureKind.Link,
            InTotoLink.Sign(InTotoLink.Step, [(name, binary.Digest)], key),
            provenance,
            key
        );
        yield return Document(
            build,
            FileSignatureKind.Layout,
            InTotoLayout.Sign(
                name,
                [key.PublicKey],
                threshold: 1,
                provenance.Created.AddYears(LayoutYears),
                $"Build {build} of job {provenance.Facts.Job}. The site's own link alone: no other builder has signed one.",
                key
            ),
            provenance,
            key
        );
    }

    private async Task<SignedDocument> MinisignAsync(
        string build,
        IssuedStatement provenance,
        Ed25519SigningKey key,
        CancellationToken cancellationToken
    )
    {
        if (provenance.Facts.Main is not { } main)
            throw new AttestationRefusedException("it has no main binary", isFinal: true);
        await using var content =
            await artifacts.OpenAsync(main.Digest, cancellationToken)
            ?? throw new AttestationRefusedException("its main binary is no longer stored", isFinal: false);
        // Signed is what was read: its hash must be the one of the provenance.
        using var hashed = new HashedStream(content.Stream);
        var signature = await MinisignSignature.SignAsync(
            hashed,
            key,
            $"job {provenance.Facts.Job}, build {build}, file {main.Name}, sha256 {main.Digest}",
            cancellationToken
        );
        return hashed.End() == main.Digest
            ? Document(build, FileSignatureKind.Minisign, signature, provenance, key)
            : throw new AttestationRefusedException("its stored main binary has another SHA-256", isFinal: false);
    }

    private static SignedDocument Document(string build, string kind, byte[] content, IssuedStatement provenance, Ed25519SigningKey key) =>
        new(build, kind, content, key.Id.Value, null, provenance.Created.ToUnixTimeSeconds(), []);

    private static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
