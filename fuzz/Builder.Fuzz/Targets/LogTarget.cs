using System.Text;
using Builder.Proof.Log;
using Builder.Proof.Statements;

namespace Builder.Fuzz.Targets;

/// <summary>What a log, a witness or a site sends: checkpoints, keys, proofs, bundles, entries, tiles and their addresses.</summary>
internal static class LogTarget
{
    private static readonly NoteKey Key = NoteKey.Parse("builds.example/log+b8943a97+AeL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U");

    public static FuzzTarget Create() => new("log", Run);

    private static void Run(byte[] input)
    {
        Try(() => Expect.Same(input, SignedNote.Parse(input).ToBytes()));
        Try(() => SignedCheckpoint.Open(input, Key));
        Try(() => Expect.Same(input, TlogProof.Parse(input).ToBytes()));
        Try(() => TlogProof.Parse(input).Verify(input, Key));
        Try(() => Expect.Same(input, LogLeaf.Parse(input).ToJson()));
        Try(() => Reread(SigstoreBundle.Parse(input)));
        Try(() => EntryBundle.Read(input, 256));
        Try(() => HashTile.Read(input, 1));
        var text = Encoding.UTF8.GetString(input);
        Try(() => Expect.Same(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(NoteKey.Parse(text).Vkey)));
        if (TileAddress.TryParse(text, out var address))
            Expect.Same(input, Encoding.UTF8.GetBytes(address.Path));
    }

    private static void Reread(SigstoreBundle bundle)
    {
        var json = bundle.ToJson();
        Expect.Same(json, SigstoreBundle.Parse(json).ToJson());
    }

    private static void Try(Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is InvalidLogDataException or InvalidEnvelopeException)
        {
            // Refused, as it should be.
        }
    }
}
