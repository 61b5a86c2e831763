using System.Text;
using Builder.Storage.Statements;
using CsCheck;

namespace Builder.Storage.Tests.Statements;

public sealed class PackedEnvelopeTests
{
    [Fact]
    public void Whatever_goes_in_comes_out()
    {
        Gen.Byte.Array[0, 3000].Sample(bytes => PackedEnvelope.Unpack(PackedEnvelope.Pack(bytes)).AsSpan().SequenceEqual(bytes), iter: 200);
        Gen.Byte.Array[0, 3000]
            .Sample(
                payload =>
                {
                    var envelope = Envelope(payload);
                    return PackedEnvelope.Unpack(PackedEnvelope.Pack(envelope)).AsSpan().SequenceEqual(envelope);
                },
                iter: 200
            );
        // Not the one way to write base64: kept as it is.
        var odd = Encoding.UTF8.GetBytes($$"""{"payload":"QQ=={{new string(' ', 600)}}","signatures":[]}""");
        Assert.Equal(odd, PackedEnvelope.Unpack(PackedEnvelope.Pack(odd)));
    }

    [Fact]
    public void A_list_of_packages_takes_an_eighth()
    {
        var packages = string.Concat(
            Enumerable
                .Range(0, 600)
                .Select(number => $"{{\"uri\":\"pkg:deb/debian/package-{number * 7919}@1.2.{number}?distro=debian-12\"}},")
        );
        var envelope = Envelope(Encoding.UTF8.GetBytes(packages));

        Assert.InRange(PackedEnvelope.Pack(envelope).Length, 1, envelope.Length / 8);
    }

    [Theory]
    [InlineData("")]
    [InlineData("07")]
    [InlineData("0128B52FFD")]
    [InlineData("0100")]
    public void What_is_damaged_is_said(string stored) =>
        Assert.Throws<InvalidDataException>(() => PackedEnvelope.Unpack(Convert.FromHexString(stored)));

    private static byte[] Envelope(byte[] payload) =>
        Encoding.UTF8.GetBytes(
            $$"""{"payloadType":"application/vnd.in-toto+json","payload":"{{Convert.ToBase64String(payload)}}","signatures":[{"keyid":"x","sig":"AAAA"}]}"""
        );
}
