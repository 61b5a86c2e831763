using Builder.Objects.Signing;
using CsCheck;

namespace Builder.Objects.Tests;

public sealed class KeyEncodingTests
{
    [Theory]
    [InlineData("a/b c", "a%2Fb%20c", "a/b%20c")]
    [InlineData("-_.~", "-_.~", "-_.~")]
    [InlineData("+=&%", "%2B%3D%26%25", "%2B%3D%26%25")]
    [InlineData("é", "%C3%A9", "%C3%A9")]
    public void All_but_the_unreserved_is_encoded_in_upper_case(string text, string value, string path)
    {
        Assert.Equal(value, KeyEncoding.Encode(text));
        Assert.Equal(path, KeyEncoding.EncodePath(text));
    }

    [Fact]
    public void Every_text_comes_back_and_what_goes_out_needs_no_further_encoding() =>
        Gen
            .String.Where(static text => !text.Any(char.IsSurrogate))
            .Sample(static text =>
            {
                var (value, path) = (KeyEncoding.Encode(text), KeyEncoding.EncodePath(text));
                Assert.Equal(text, Uri.UnescapeDataString(value));
                Assert.Equal(text, Uri.UnescapeDataString(path));
                Assert.DoesNotContain(value, static one => one is '/' or '+' or ' ' or > '~');
                Assert.Equal(text.Count(static one => one == '/'), path.Count(static one => one == '/'));
            });
}
