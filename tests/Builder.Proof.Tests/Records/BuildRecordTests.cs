using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Records;
using Builder.Proof.Statements;

namespace Builder.Proof.Tests.Records;

public sealed class BuildRecordTests
{
    private static readonly BuildRecord Record = new()
    {
        Uuid = "0190a6b2-0000-4000-8000-000000000001",
        Job = "hello",
        Platform = "debian-12",
        Script = Sha256Digest.Of("script"u8),
        Worker = "local-1",
        Isolation = "sandbox",
        Started = new DateTimeOffset(2026, 11, 27, 1, 0, 0, TimeSpan.Zero),
        Finished = new DateTimeOffset(2026, 11, 27, 1, 0, 5, TimeSpan.Zero),
        Exec = Sha256Digest.Of("exec"u8),
        ExecSize = 4,
        Artifacts = Sha256Digest.Of("list"u8),
        ArtifactCount = 2,
    };

    [Fact]
    public void What_is_signed_is_read_back_from_the_header()
    {
        using var key = EcdsaSigningKey.Generate();

        var header = RecordHeader.Write(Record.Sign(key).ToJson());

        Assert.NotNull(header);
        Assert.InRange(header.Length, 500, 2000);
        Assert.True(RecordHeader.TryRead(header, out var envelope, out var record));
        Assert.Equal(Record, record);
        Assert.True(DsseEnvelope.Parse(envelope).IsSignedBy(key.PublicKey));
    }

    [Fact]
    public void A_header_that_is_cut_too_long_or_of_another_payload_is_no_record()
    {
        using var key = EcdsaSigningKey.Generate();
        var header = RecordHeader.Write(Record.Sign(key).ToJson())!;

        for (var length = 0; length < header.Length; length += 7)
            Assert.False(RecordHeader.TryRead(header[..length], out _, out _));
        Assert.False(RecordHeader.TryRead(new string('A', RecordHeader.MaxLength + 4), out _, out _));
        var other = DsseEnvelope.Sign(DsseEnvelope.InTotoPayloadType, Record.Sign(key).Payload, key);
        Assert.False(RecordHeader.TryRead(RecordHeader.Write(other.ToJson())!, out _, out _));
        Assert.Null(RecordHeader.Write(new byte[RecordHeader.MaxLength]));
    }

    [Fact]
    public void Lists_that_differ_in_a_path_a_size_a_content_or_their_order_have_other_digests()
    {
        (string Path, long Size, string Content)[] list = [("a", 1, "x"), ("bc", 2, "y")];
        (string, long, string)[][] others =
        [
            [("ab", 1, "x"), ("c", 2, "y")],
            [("a", 1, "x"), ("bc", 3, "y")],
            [("a", 1, "x"), ("bc", 2, "z")],
            [("bc", 2, "y"), ("a", 1, "x")],
            [("a", 1, "x")],
            [],
        ];

        Assert.Equal(DigestOf(list), DigestOf(list));
        Assert.All(others, other => Assert.NotEqual(DigestOf(list), DigestOf(other)));
    }

    private static Sha256Digest DigestOf((string Path, long Size, string Content)[] list)
    {
        using var digest = new ArtifactListDigest();
        foreach (var (path, size, content) in list)
            digest.Add(System.Text.Encoding.UTF8.GetBytes(path), size, Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(content)));
        return digest.End();
    }
}
