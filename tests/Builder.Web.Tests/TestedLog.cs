using System.Security.Cryptography;
using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Publishing.TransparencyLog;
using Builder.Web.Options;

namespace Builder.Web.Tests;

/// <summary>A log in a site's data directory, as the signer leaves it.</summary>
internal static class TestedLog
{
    public const string Origin = "builds.example";

    /// <summary>300 entries, a witness's signature below the last checkpoint.</summary>
    public const int Size = 300;

    /// <summary>The same in every run, as are the pages.</summary>
    public static Ed25519SigningKey Key => Ed25519SigningKey.FromSeed(SHA256.HashData("log"u8));

    public static NoteKey Verifier => new(Origin, NoteKeyKind.Ed25519, Key.PublicKey);

    public static string Public(WebOptions options) => Path.Combine(options.DataDirectory, "_tlog");

    public static byte[] Leaf(int number) =>
        number % 50 == 49
            ? new LogLeaf(LogLeaf.Retraction, Digest(number), new byte[70], new byte[91], "4e467a04-af65-4b95-9a98-d426445e1feb").ToJson()
            : new LogLeaf(LogLeaf.HashedRekord, Digest(number), new byte[70], new byte[91]).ToJson();

    public static Task MakeAsync(WebOptions options) => GrowAsync(options, 0, Size);

    public static async Task GrowAsync(WebOptions options, int first, int count)
    {
        var stop = TestContext.Current.CancellationToken;
        using var key = Key;
        using var secret = Ed25519SigningKey.FromSeed(SHA256.HashData("witness"u8));
        var witness = new NoteKey("witness.example", NoteKeyKind.Cosignature, secret.PublicKey);
        // Beside the data directory, as the signer's is.
        var settings = new LogSettings(Public(options), options.DataDirectory + "-signer", Origin);
        await using var sequencer = await LogSequencer.OpenAsync(settings, key, stop);
        await sequencer.AppendAsync([.. Enumerable.Range(first, count).Select(number => (ReadOnlyMemory<byte>)Leaf(number))], stop);
        var signed = sequencer.Checkpoint;
        await sequencer.KeepAsync(signed, [Cosignature.Sign(signed.Note.Text, witness, secret, Site.Recorded)], stop);
    }

    private static Sha256Digest Digest(int number) => Sha256Digest.Of(Encoding.UTF8.GetBytes($"statement {number}"));
}
