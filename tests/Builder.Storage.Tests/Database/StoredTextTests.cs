using System.Text;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using CsCheck;

namespace Builder.Storage.Tests.Database;

public sealed class StoredTextTests
{
    [Theory]
    [InlineData("bin/hello", "62696e2f68656c6c6f")]
    [InlineData("µ", "c2b5")]
    [InlineData("b\uF7FF\uF780", "62ff80")]
    [InlineData("a\uF700b", "610062")]
    [InlineData("\uF7EF\uF79C\uF781", "ef9c81")]
    [InlineData("", "")]
    public void Bytes_have_one_text(string text, string hex)
    {
        var bytes = new ByteString(Convert.FromHexString(hex));

        Assert.Equal(text, StoredText.FromBytes(bytes));
        Assert.Equal(bytes, StoredText.ToBytes(text));
    }

    [Fact]
    public void Any_bytes_come_back_and_their_text_is_valid_utf8_without_nul()
    {
        byte[] edges = [0, 0xEF, 0x9C, 0x9F, 0x80, 0xFF, 0xC2];
        var interesting = Gen.Frequency((3, Gen.Byte), (1, Gen.Int[0, edges.Length - 1].Select(i => edges[i])));
        interesting
            .Array[0, 40]
            .Sample(bytes =>
            {
                var text = StoredText.FromBytes(new ByteString(bytes));
                Assert.DoesNotContain('\0', text);
                Assert.Equal(
                    text,
                    new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(
                        new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text)
                    )
                );
                Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(StoredText.ToBytes(text).Span));
            });
    }
}
