using System.Text;
using Builder.Proof.FileSignatures;
using Builder.Proof.Keys;
using Builder.Publishing.Attestation;
using Builder.Storage.Statements;
using Builder.Web.Builds;
using Builder.Web.Http;
using Builder.Web.Options;
using Builder.Web.Pages;
using Builder.Web.Statements;

namespace Builder.Web.Proof;

/// <summary>Signatures of files for signify, minisign and in-toto, which the signer makes when asked, and the public keys that check them.</summary>
internal static class SignatureEndpoints
{
    public const string SignifyName = "SHA256.sig";
    public const string MinisignName = "main-binary.minisig";
    public const string QuorumName = "quorum.tar.gz";
    public const string KeyName = "provenance.pub";
    public const string FilesKeyName = "builder-files.pub";

    private const string Text = "text/plain; charset=utf-8";

    public static void MapSignatures(this IEndpointRouteBuilder routes)
    {
        Map(routes, SignifyName, FileSignatureKind.Lists, Text, static (_, documents) => Of(documents, FileSignatureKind.Signify));
        Map(routes, MinisignName, FileSignatureKind.Minisign, Text, static (_, documents) => Of(documents, FileSignatureKind.Minisign));
        Map(routes, QuorumName, FileSignatureKind.Lists, "application/gzip", QuorumArchive.Of);
        routes.MapMethods(
            $"/job/{{job}}/build/{{build}}/{KeyName}",
            Verbs.Read,
            static (HttpContext http, string job, string build, PageResponder pages) =>
                pages.RespondAsync(http, page => KeyAsync(page, job, build))
        );
        routes.MapMethods(
            $"/.well-known/{FilesKeyName}",
            Verbs.Read,
            static (HttpContext http, PageResponder pages) => pages.RespondAsync(http, FilesKeyAsync)
        );
    }

    private static void Map(
        IEndpointRouteBuilder routes,
        string name,
        string asked,
        string contentType,
        Func<KeyList, IReadOnlyList<SignedDocument>, byte[]?> make
    ) =>
        routes.MapMethods(
            $"/job/{{job}}/build/{{build}}/{name}",
            Verbs.Read,
            (HttpContext http, string job, string build, PageResponder pages, WebOptions options) =>
                pages.RespondAsync(
                    http,
                    page => AnswerAsync(page, job, build, options, asked, contentType, make),
                    isExpensive: asked == FileSignatureKind.Minisign
                )
        );

    private static async Task<Answer?> AnswerAsync(
        PageContext page,
        string job,
        string build,
        WebOptions options,
        string asked,
        string contentType,
        Func<KeyList, IReadOnlyList<SignedDocument>, byte[]?> make
    )
    {
        if (await BuildEndpoints.FindAsync(page.Session, job, build, page.Stop) is not { } facts)
            return await RemovedBuilds.WhatItWasAsync(page, job, build);
        if (options.Signer is not { } socket || await ProofSources.KeysAsync(page.Session, page.Stop) is not { } keys)
            return await NoneAsync(page, "this site has no signer");
        try
        {
            var answer = await new AttestationClient(socket).AskAsync(new SignerRequest(asked, [facts.Uuid.ToString()]), page.Stop);
            return make(keys, answer.Statements) is { } content
                ? Answer.Document(content, contentType)
                : await NoneAsync(
                    page,
                    answer.Refused is [{ Reason: var reason }, ..] ? $"the signer refuses: {reason}" : "the build has no main binary"
                );
        }
        catch (SignerException)
        {
            return await Problems.MakeAsync(
                page.Http,
                page.Site,
                page.Now,
                StatusCodes.Status503ServiceUnavailable,
                "Busy",
                "The signer does not answer at the moment. Try again in a few seconds."
            );
        }
    }

    private static ValueTask<Answer> NoneAsync(PageContext page, string why) =>
        Problems.MakeAsync(page.Http, page.Site, page.Now, StatusCodes.Status404NotFound, "No signature", $"There is no signature: {why}.");

    private static byte[]? Of(IReadOnlyList<SignedDocument> documents, string kind) =>
        documents.FirstOrDefault(document => document.Kind == kind)?.Envelope;

    /// <summary>The key that signed the provenance of a build; also of one that was removed.</summary>
    private static async Task<Answer?> KeyAsync(PageContext page, string job, string build) =>
        await StatementEndpoints.FindAsync(page, job, build) is { } uuid
        && await StatementRows.LatestAsync(page.Session, uuid, StatementKind.Provenance, page.Stop) is { } provenance
        && await ProofSources.KeysAsync(page.Session, page.Stop) is { } keys
        && KeyId.TryParse(provenance.KeyId, out var id)
        && keys.Find(id) is { } key
            ? Answer.Document(Encoding.ASCII.GetBytes(key.Key.ToPem()), "application/x-pem-file")
            : null;

    private static async Task<Answer?> FilesKeyAsync(PageContext page) =>
        await ProofSources.KeysAsync(page.Session, page.Stop) is { } keys && QuorumArchive.FilesKey(keys) is { } key
            ? Answer.Document(Encoding.ASCII.GetBytes(FileKey.PublicKeyFile(key, $"files of {keys.Site}")), Text)
            : null;
}
