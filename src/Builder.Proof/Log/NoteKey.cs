using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Builder.Proof.Keys;

namespace Builder.Proof.Log;

/// <summary>A public key that signs notes under a name: of a log (its name is the log's origin) or of a witness.</summary>
public sealed record NoteKey
{
    private const int MaxTextLength = 512;

    public NoteKey(string name, NoteKeyKind kind, Ed25519VerificationKey key)
    {
        if (!NoteSignature.IsName(name))
            throw new InvalidLogDataException($"\"{name}\" is no name of a key: white space and + are not allowed");
        (Name, Kind, Key) = (name, kind, key);
        KeyHash = BinaryPrimitives.ReadUInt32BigEndian(FullHash().AsSpan());
    }

    public string Name { get; }

    public NoteKeyKind Kind { get; }

    public Ed25519VerificationKey Key { get; }

    /// <summary>What stands before a signature.</summary>
    public uint KeyHash { get; }

    /// <summary>SHA-256 of name, line break, kind and key: the log's id in bundles (all 32 bytes), its first four bytes in notes.</summary>
    public byte[] FullHash() => SHA256.HashData([.. Encoding.UTF8.GetBytes(Name), (byte)'\n', (byte)Kind, .. Key.Bytes.Span]);

    public bool IsNamedBy(NoteSignature signature) => signature.Name == Name && signature.KeyHash == KeyHash;

    /// <param name="text">Of the note, with its last line break.</param>
    public bool Verify(string text, NoteSignature signature)
    {
        if (!IsNamedBy(signature))
            return false;
        if (Kind != NoteKeyKind.Cosignature)
            return Key.Verify(Encoding.UTF8.GetBytes(text), signature.Signature.Span);
        return Cosignature.TryRead(signature, out var time, out var bytes) && Key.Verify(Cosignature.Message(text, time), bytes);
    }

    /// <summary><c>NAME+HASH+BASE64</c>, as Go's note package and witnesses take it.</summary>
    public string Vkey =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}+{KeyHash:x8}+{Convert.ToBase64String([(byte)Kind, .. Key.Bytes.Span])}");

    /// <exception cref="InvalidLogDataException">Not a vkey, of another kind than Ed25519, or its hash is another.</exception>
    public static NoteKey Parse(string vkey)
    {
        var bytes = new byte[MaxTextLength];
        if (
            vkey.Length > MaxTextLength
            || vkey.Split('+', 3) is not [var name, var hash, var base64]
            || !uint.TryParse(hash, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var keyHash)
            || hash.Length != sizeof(uint) * 2
            || !Convert.TryFromBase64String(base64, bytes, out var length)
            || length != 1 + Ed25519VerificationKey.SizeInBytes
            || (NoteKeyKind)bytes[0] is not (NoteKeyKind.Ed25519 or NoteKeyKind.Cosignature)
        )
        {
            throw new InvalidLogDataException($"\"{vkey}\" is no key of a log or witness: NAME+HASH+BASE64 of an Ed25519 key");
        }
        var key = new NoteKey(name, (NoteKeyKind)bytes[0], Read(bytes.AsSpan(1, length - 1)));
        if (key.KeyHash != keyHash)
            throw new InvalidLogDataException($"the hash in \"{vkey}\" is not that of the key, which is {key.KeyHash:x8}");
        return key.Vkey == vkey ? key : throw new InvalidLogDataException($"\"{vkey}\" has another form than \"{key.Vkey}\"");
    }

    private static Ed25519VerificationKey Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Ed25519VerificationKey.FromBytes(bytes);
        }
        catch (InvalidKeyException exception)
        {
            throw new InvalidLogDataException(exception.Message, exception);
        }
    }

    public override string ToString() => Vkey;
}
