using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Testing;

namespace Builder.Proof.Tests.Log;

public sealed class NoteTests
{
    private static NoteKey KnownKey { get; } = NoteKey.Parse(Vectors.ReadText("log/vkey").Trim());

    [Fact]
    public void A_key_has_the_text_that_other_programs_write() => Assert.Equal(Vectors.ReadText("log/vkey").Trim(), KnownKey.Vkey);

    [Theory]
    [InlineData("builds.example+b8943a97+AeL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U")]
    [InlineData("builds.example/log+b8943a98+AeL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U")]
    [InlineData("builds.example/log+b8943a97+AuL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U")]
    [InlineData("builds.example/log+b8943a97+AeL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0")]
    [InlineData("builds.example/log+b8943a97")]
    [InlineData("a b+b8943a97+AeL6DCO9zDo/tAWlVfXGKV2FmOymi3Lb65FFGyO9z0/U")]
    [InlineData("")]
    public void A_key_whose_text_is_wrong_is_refused(string vkey) => Assert.Throws<InvalidLogDataException>(() => NoteKey.Parse(vkey));

    [Fact]
    public void A_checkpoint_of_another_program_is_read_and_written_the_same()
    {
        var bytes = Vectors.Read("log/checkpoint.70000");

        var opened = SignedCheckpoint.Open(bytes, KnownKey);

        Assert.Equal(70_000, opened.Size);
        Assert.Equal("builds.example/log", opened.Checkpoint.Origin);
        Assert.Equal(bytes, opened.ToBytes());
        Assert.Equal(opened.Note.Text, opened.Checkpoint.Text);
    }

    [Fact]
    public void A_changed_checkpoint_is_refused() =>
        Assert.Throws<InvalidLogDataException>(() => SignedCheckpoint.Open(Vectors.Read("log/bad.cp"), KnownKey));

    [Fact]
    public void A_checkpoint_of_another_log_is_refused_by_name()
    {
        var (key, signer) = Generate("other.example");
        var signed = SignedCheckpoint.Sign(new Checkpoint("other.example", 0, MerkleHash.Empty), key, signer);

        var refusal = Assert.Throws<InvalidLogDataException>(() => SignedCheckpoint.Open(signed.ToBytes(), KnownKey));

        Assert.Contains("other.example", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_signature_beside_a_right_one_of_the_same_key_spoils_it()
    {
        var (key, signer) = Generate("builds.example");
        var signed = SignedCheckpoint.Sign(new Checkpoint("builds.example", 3, Sha256Digest.Of([1])), key, signer);
        var wrong = new NoteSignature(key.Name, key.KeyHash, new byte[64]);

        Assert.NotNull(signed.Note.SignatureOf(key));
        Assert.Null(new SignedNote(signed.Note.Text, [.. signed.Note.Signatures, wrong]).SignatureOf(key));
    }

    [Fact]
    public void A_witness_signs_the_time_too()
    {
        var (log, signer) = Generate("builds.example");
        using var secret = Ed25519SigningKey.Generate();
        var witness = new NoteKey("witness.example", NoteKeyKind.Cosignature, secret.PublicKey);
        var signed = SignedCheckpoint.Sign(new Checkpoint("builds.example", 3, Sha256Digest.Of([1])), log, signer);
        var time = DateTimeOffset.FromUnixTimeSeconds(1_795_000_000);

        var line = Cosignature.Sign(signed.Note.Text, witness, secret, time);
        var both = SignedCheckpoint.Open(signed.With([line]).ToBytes(), NoteKey.Parse(log.Vkey));

        Assert.Equal(time, Cosignature.TimeOf(both.Note.SignatureOf(NoteKey.Parse(witness.Vkey))!));
        Assert.Equal(2, both.With([line]).Note.Signatures.Count);
        var later = line.Signature.ToArray();
        later[7] ^= 1;
        Assert.False(witness.Verify(signed.Note.Text, line with { Signature = later }));
    }

    [Theory]
    [InlineData("builds.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("builds.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n")]
    [InlineData("builds.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nbuilds.example AAAAAAA=\n")]
    [InlineData("builds.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— builds.example AAAA\n")]
    [InlineData("builds.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— builds.example AAAAAAA=")]
    [InlineData("builds.example\n05\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— builds.example AAAAAAA=\n")]
    [InlineData("builds.example\n-5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— builds.example AAAAAAA=\n")]
    [InlineData("builds.example\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— builds.example AAAAAAA=\n")]
    [InlineData("builds.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n\n— builds.example AAAAAAA=\n")]
    [InlineData("builds example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— builds.example AAAAAAA=\n")]
    [InlineData("builds.example\n5\n\n— builds.example AAAAAAA=\n")]
    public void What_is_no_checkpoint_is_refused(string note) =>
        Assert.Throws<InvalidLogDataException>(() => SignedCheckpoint.ReadUnverified(Encoding.UTF8.GetBytes(note)));

    [Fact]
    public void A_note_too_long_or_with_control_characters_is_refused()
    {
        var good = Vectors.Read("log/checkpoint.70000");

        Assert.Throws<InvalidLogDataException>(() => SignedNote.Parse([.. new byte[SignedNote.MaxSizeInBytes], .. good]));
        Assert.Throws<InvalidLogDataException>(() => SignedNote.Parse([(byte)'\r', .. good]));
        Assert.Throws<InvalidLogDataException>(() => SignedNote.Parse([0xff, .. good]));
    }

    private static (NoteKey Key, Ed25519SigningKey Signer) Generate(string name)
    {
        var signer = Ed25519SigningKey.Generate();
        return (new NoteKey(name, NoteKeyKind.Ed25519, signer.PublicKey), signer);
    }
}
