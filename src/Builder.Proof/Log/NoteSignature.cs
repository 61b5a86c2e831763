using System.Buffers.Binary;
using System.Globalization;

namespace Builder.Proof.Log;

/// <summary>One line below a signed note: who signed, the first four bytes of the key's hash, the signature.</summary>
public sealed record NoteSignature(string Name, uint KeyHash, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Post-quantum signatures are the longest in use, 3.3 kB.</summary>
    private const int MaxLength = 8 * 1024;

    private const string Start = "\u2014 ";

    /// <summary>With its line break.</summary>
    public string Line
    {
        get
        {
            var bytes = new byte[sizeof(uint) + Signature.Length];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyHash);
            Signature.Span.CopyTo(bytes.AsSpan(sizeof(uint)));
            return $"{Start}{Name} {Convert.ToBase64String(bytes)}\n";
        }
    }

    /// <param name="line">Without its line break.</param>
    /// <exception cref="InvalidLogDataException">No signature line.</exception>
    public static NoteSignature Parse(string line)
    {
        var parts = line.StartsWith(Start, StringComparison.Ordinal) ? line[Start.Length..].Split(' ') : [];
        var bytes = new byte[MaxLength];
        if (
            line.Length > MaxLength
            || parts is not [var name, var base64]
            || !IsName(name)
            || !Convert.TryFromBase64String(base64, bytes, out var length)
            || length <= sizeof(uint)
            || Convert.ToBase64String(bytes.AsSpan(0, length)) != base64
        )
        {
            throw new InvalidLogDataException("a line below the note is no signature: \"\u2014 NAME BASE64\"");
        }
        return new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(sizeof(uint), length - sizeof(uint)));
    }

    /// <summary>Names of keys and origins have no white space, no control characters and no plus sign (C2SP signed-note).</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 255
        && !text.Any(static character =>
            character is '+' or '\uFFFD' || char.IsWhiteSpace(character) || char.IsControl(character) || char.IsSurrogate(character)
        );

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}+{KeyHash:x8}");
}
