using System.Collections.Immutable;
using Builder.Proof.Keys;
using Builder.Proof.Statements;

namespace Builder.Proof.Verifying;

/// <summary>Reads a site's list of keys from its envelope.</summary>
public static class SignedKeyList
{
    /// <summary>The list, and those keys of it that signed it and are not revoked.</summary>
    /// <exception cref="InvalidEnvelopeException">Not an envelope.</exception>
    /// <exception cref="InvalidKeyException">Not a list of keys, or none of its keys in use signed it.</exception>
    public static (KeyList List, ImmutableArray<VerificationKey> Signers) Read(ReadOnlyMemory<byte> json)
    {
        var envelope = DsseEnvelope.Parse(json);
        if (envelope.PayloadType != KeyList.PayloadType)
            throw new InvalidKeyException($"the envelope holds \"{envelope.PayloadType}\", not a list of keys");
        var list = KeyList.Parse(envelope.Payload);
        var signers = list.Keys.Where(key => key is { Use: KeyUse.Statements, Revocation: null } && envelope.IsSignedBy(key.Key)).ToList();
        return signers.Exists(key => key.IsInUse)
            ? (list, [.. signers.Select(key => key.Key)])
            : throw new InvalidKeyException("none of the keys in use signed the list");
    }
}
