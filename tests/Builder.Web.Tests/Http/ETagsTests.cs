using Builder.Web.Http;
using Microsoft.AspNetCore.Http;

namespace Builder.Web.Tests.Http;

public sealed class ETagsTests
{
    [Theory]
    [InlineData("\"abc=\"", true)]
    [InlineData("W/\"abc=\"", true)]
    [InlineData("abc=", true)]
    [InlineData("*", true)]
    [InlineData("\"x\", W/\"y\" , \"abc=\"", true)]
    [InlineData("x, abc=", true)]
    [InlineData("\"a,b\", \"abc=\"", true)]
    [InlineData("\"ab\"", false)]
    [InlineData("\"x\", \"y\"", false)]
    [InlineData("\"", false)]
    [InlineData(",,,", false)]
    [InlineData("", false)]
    public void Tags_match_in_lists_weak_quoted_or_as_the_original_sent_them(string header, bool matches)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.IfNoneMatch = header;
        Assert.Equal(matches, ETags.Match(request, "\"abc=\""));
    }

    [Fact]
    public void Without_the_header_nothing_matches() => Assert.False(ETags.Match(new DefaultHttpContext().Request, "\"abc\""));
}
