using System.Text;
using Builder.Protocol.Values;
using Builder.Web.Html;
using Builder.Web.Http;

namespace Builder.Web.Tests.Html;

public sealed class HrefTests
{
    [Theory]
    [InlineData("hello", "/job/hello")]
    [InlineData("a b#c?d", "/job/a%20b%23c%3Fd")]
    [InlineData("100%", "/job/100%25")]
    [InlineData("naïve-名", "/job/na%C3%AFve-%E5%90%8D")]
    [InlineData("\"><script>", "/job/%22%3E%3Cscript%3E")]
    public void Names_are_encoded_segment_by_segment(string job, string address) => Assert.Equal(address, Href.Job(job));

    [Fact]
    public void Paths_keep_their_slashes_and_come_back_byte_for_byte()
    {
        var path = new ByteString(new byte[] { (byte)'b', (byte)'/', 0xff, (byte)'%', (byte)' ', 0xc3, 0xa4 });
        var encoded = Href.Path(path);
        Assert.Equal("b/%FF%25%20%C3%A4", encoded);
        Assert.True(PercentCoding.TryDecode(encoded, out var decoded));
        Assert.Equal(path, decoded);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("a%2")]
    [InlineData("%zz")]
    [InlineData("%+1")]
    public void A_percent_sign_needs_two_digits(string text) => Assert.False(PercentCoding.TryDecode(text, out _));

    [Fact]
    public void What_is_no_escape_stays() =>
        Assert.True(PercentCoding.TryDecode("a+b~ä", out var bytes) && bytes.Span.SequenceEqual(Encoding.UTF8.GetBytes("a+b~ä")));
}
