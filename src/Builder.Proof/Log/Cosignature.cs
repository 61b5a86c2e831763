using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Builder.Proof.Keys;

namespace Builder.Proof.Log;

/// <summary>
/// A witness says: at this time this was the largest checkpoint of the log that I have seen, and it contains all that I saw before (C2SP
/// tlog-cosignature, <c>cosignature/v1</c>).
/// </summary>
public static class Cosignature
{
    /// <summary>Signs with a key whose public half, as <see cref="NoteKeyKind.Cosignature"/>, is the witness's vkey.</summary>
    public static NoteSignature Sign(string text, NoteKey witness, Ed25519SigningKey key, DateTimeOffset time)
    {
        var seconds = (ulong)time.ToUnixTimeSeconds();
        var bytes = new byte[sizeof(ulong) + Ed25519VerificationKey.SignatureSizeInBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, seconds);
        key.Sign(Message(text, seconds)).CopyTo(bytes, sizeof(ulong));
        return new NoteSignature(witness.Name, witness.KeyHash, bytes);
    }

    /// <summary>When the witness signed, or null where it is no such signature.</summary>
    public static DateTimeOffset? TimeOf(NoteSignature signature) =>
        TryRead(signature, out var seconds, out _) && seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;

    internal static bool TryRead(NoteSignature signature, out ulong seconds, out ReadOnlySpan<byte> bytes)
    {
        var isRead = signature.Signature.Length == sizeof(ulong) + Ed25519VerificationKey.SignatureSizeInBytes;
        seconds = isRead ? BinaryPrimitives.ReadUInt64BigEndian(signature.Signature.Span) : 0;
        bytes = isRead ? signature.Signature.Span[sizeof(ulong)..] : [];
        return isRead;
    }

    internal static byte[] Message(string text, ulong seconds) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n{text}"));
}
