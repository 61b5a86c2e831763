using System.Text;

namespace Builder.Proof.Log;

/// <summary>A text with signatures below it (C2SP signed-note). The text's bytes are kept as they were signed.</summary>
public sealed class SignedNote
{
    /// <summary>The longest note that is read, in bytes.</summary>
    public const int MaxSizeInBytes = 64 * 1024;

    public const int MaxSignatures = 100;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        if (!text.EndsWith('\n'))
            throw new InvalidLogDataException("the note's text does not end with a line break");
        Text = text;
        Signatures = signatures;
    }

    /// <summary>What is signed, with its last line break.</summary>
    public string Text { get; }

    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <exception cref="InvalidLogDataException">Not a note, too long, or without a signature.</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSizeInBytes)
            throw new InvalidLogDataException($"the note has {bytes.Length} bytes; at most {MaxSizeInBytes} are read");
        if (bytes.ContainsAnyInRange((byte)0, (byte)('\n' - 1)) || bytes.ContainsAnyInRange((byte)('\n' + 1), (byte)0x1f))
            throw new InvalidLogDataException("the note has control characters");
        try
        {
            return Parse(Utf8.GetString(bytes));
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidLogDataException("the note is not UTF-8", exception);
        }
    }

    /// <exception cref="InvalidLogDataException">Not a note, or without a signature.</exception>
    private static SignedNote Parse(string note)
    {
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !note.EndsWith('\n'))
            throw new InvalidLogDataException("not a signed note: no empty line before the signatures");
        var lines = note[(end + 2)..].Split('\n')[..^1];
        if (lines.Length is 0 or > MaxSignatures)
            throw new InvalidLogDataException($"the note has {lines.Length} signatures; between 1 and {MaxSignatures} are read");
        return new SignedNote(note[..(end + 1)], [.. lines.Select(NoteSignature.Parse)]);
    }

    /// <summary>
    /// The signature of this key, or null where the note has none. One that is wrong is as good as none, however many right ones stand beside it.
    /// </summary>
    public NoteSignature? SignatureOf(NoteKey key)
    {
        NoteSignature? right = null;
        foreach (var signature in Signatures.Where(key.IsNamedBy))
        {
            if (!key.Verify(Text, signature))
                return null;
            right ??= signature;
        }
        return right;
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToString());

    public override string ToString() => $"{Text}\n{string.Concat(Signatures.Select(static signature => signature.Line))}";
}
