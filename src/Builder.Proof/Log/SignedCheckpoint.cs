using System.Text;
using Builder.Proof.Keys;

namespace Builder.Proof.Log;

/// <summary>A checkpoint with the log's signature, and those of witnesses below it.</summary>
public sealed class SignedCheckpoint
{
    private SignedCheckpoint(SignedNote note, Checkpoint checkpoint) => (Note, Checkpoint) = (note, checkpoint);

    public SignedNote Note { get; }

    public Checkpoint Checkpoint { get; }

    public long Size => Checkpoint.Size;

    /// <param name="log">Its name is the checkpoint's origin.</param>
    public static SignedCheckpoint Sign(Checkpoint checkpoint, NoteKey log, Ed25519SigningKey key)
    {
        var text = checkpoint.Text;
        var signature = new NoteSignature(log.Name, log.KeyHash, key.Sign(Encoding.UTF8.GetBytes(text)));
        return new SignedCheckpoint(new SignedNote(text, [signature]), checkpoint);
    }

    /// <exception cref="InvalidLogDataException">Not a checkpoint, of another log, or not signed with this key.</exception>
    public static SignedCheckpoint Open(ReadOnlySpan<byte> note, NoteKey log) => Open(SignedNote.Parse(note), log);

    /// <exception cref="InvalidLogDataException">Not a checkpoint, of another log, or not signed with this key.</exception>
    public static SignedCheckpoint Open(SignedNote note, NoteKey log)
    {
        var checkpoint = Checkpoint.Parse(note.Text);
        if (checkpoint.Origin != log.Name)
            throw new InvalidLogDataException($"the checkpoint is of the log \"{checkpoint.Origin}\", not of \"{log.Name}\"");
        if (note.SignatureOf(log) is null)
            throw new InvalidLogDataException($"the checkpoint has no valid signature of the key {log.Vkey}");
        return new SignedCheckpoint(note, checkpoint);
    }

    /// <summary>Not verified: for one who has the key of no log, such as a page that shows what a file says.</summary>
    /// <exception cref="InvalidLogDataException">Not a checkpoint.</exception>
    public static SignedCheckpoint ReadUnverified(ReadOnlySpan<byte> bytes)
    {
        var note = SignedNote.Parse(bytes);
        return new SignedCheckpoint(note, Checkpoint.Parse(note.Text));
    }

    /// <summary>With these signatures of witnesses too; a newer one of the same witness takes the place of the older.</summary>
    public SignedCheckpoint With(IEnumerable<NoteSignature> cosignatures)
    {
        var added = cosignatures.ToList();
        var kept = Note.Signatures.Where(old => !added.Exists(line => line.Name == old.Name && line.KeyHash == old.KeyHash));
        return new SignedCheckpoint(new SignedNote(Note.Text, [.. kept, .. added]), Checkpoint);
    }

    public byte[] ToBytes() => Note.ToBytes();

    public override string ToString() => Note.ToString();
}
