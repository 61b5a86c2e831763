using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Builder.Analysis.Values;
using Builder.Proof.Keys;

namespace Builder.Proof.Links;

/// <summary>An in-toto link (classic metablock) whose signature was checked.</summary>
/// <param name="Step"><see cref="InTotoLink.Step"/>, or <c>rebuild FILE</c> as rebuilderd names it.</param>
/// <param name="Products">Names and SHA-256 of the files that the step made.</param>
public sealed record SignedLink(string Step, ImmutableSortedDictionary<string, Sha256Digest> Products)
{
    /// <summary>Longest link that is read, in bytes of JSON.</summary>
    public const int MaxSizeInBytes = 256 * 1024;

    private const int MaxDepth = 16;
    private const int MaxProducts = 10_000;

    /// <summary>Reads a link and checks that this key signed it.</summary>
    /// <exception cref="InvalidLinkException">Not a link, too long, or without a valid signature of this key.</exception>
    public static SignedLink Read(ReadOnlySpan<byte> json, Ed25519VerificationKey key)
    {
        if (json.Length > MaxSizeInBytes)
            throw new InvalidLinkException($"the link has {json.Length} bytes; at most {MaxSizeInBytes} are read");
        try
        {
            var root = JsonNode.Parse(
                json,
                documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false }
            );
            if (
                root is not JsonObject block
                || block["signed"] is not JsonObject document
                || block["signatures"] is not JsonArray signatures
            )
                throw new InvalidLinkException("not an in-toto link: \"signed\" or \"signatures\" is missing");
            var signed = CanonicalJson.Write(document);
            return signatures.Any(signature => key.Verify(signed, SignatureOf(signature)))
                ? Read(document)
                : throw new InvalidLinkException($"key {key.Id} did not sign the link, or it was changed after it was signed");
        }
        catch (Exception exception)
            when (exception is JsonException or ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidLinkException($"not an in-toto link: {exception.Message}", exception);
        }
    }

    private static byte[] SignatureOf(JsonNode? signature) =>
        signature is JsonObject fields && Text(fields["sig"]) is { } hex && hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(hex)
            : [];

    private static SignedLink Read(JsonObject document)
    {
        if (Text(document["_type"]) is not "link" || Text(document["name"]) is not { Length: > 0 } step)
            throw new InvalidLinkException("not an in-toto link: \"_type\" is not \"link\", or \"name\" is missing");
        if (document["products"] is not JsonObject { Count: <= MaxProducts } products)
            throw new InvalidLinkException($"the link has no \"products\", or more than {MaxProducts}");
        var files = ImmutableSortedDictionary.CreateBuilder<string, Sha256Digest>(StringComparer.Ordinal);
        foreach (var (name, digests) in products)
        {
            files[name] =
                digests is JsonObject known && Sha256Digest.TryParse(Text(known["sha256"]), out var digest)
                    ? digest
                    : throw new InvalidLinkException($"the link has no SHA-256 of \"{name}\"");
        }
        return new SignedLink(step, files.ToImmutable());
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
