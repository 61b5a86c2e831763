namespace Builder.Proof.Log;

/// <summary>What a key of a note signs, as the first byte of the key in a vkey (C2SP signed-note).</summary>
public enum NoteKeyKind : byte
{
    /// <summary>Ed25519 over the text: a log's own key.</summary>
    Ed25519 = 1,

    /// <summary>Ed25519 over the time and the text: a witness (C2SP tlog-cosignature).</summary>
    Cosignature = 4,
}
