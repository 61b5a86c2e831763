using Builder.Web.Http;
using Microsoft.AspNetCore.Http;

namespace Builder.Web.Tests.Http;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("application/json", true)]
    [InlineData("APPLICATION/JSON", true)]
    [InlineData("application/json, */*", true)]
    [InlineData("application/json, text/plain, */*", true)]
    [InlineData("text/html, application/json", true)]
    [InlineData("application/json; charset=utf-8", true)]
    [InlineData("application/*", true)]
    [InlineData("application/*;q=0.9, text/html;q=0.8", true)]
    [InlineData("application/json;q=0.5, text/*;q=0.4", true)]
    [InlineData("*/*;q=0.1, application/json;q=0.2", true)]
    [InlineData("text/html, application/xhtml+xml, application/json;q=0.9, */*;q=0.8", false)]
    [InlineData("application/json;q=0.1, text/html", false)]
    [InlineData("application/json;q=0", false)]
    [InlineData("application/json;q=0, application/*", false)]
    [InlineData("application/json;q=0.5, */*;q=0.8", false)]
    [InlineData("application/*, */*", false)]
    [InlineData("application/*, text/html", false)]
    [InlineData("*/*", false)]
    [InlineData("text/html", false)]
    [InlineData("application/json-seq", false)]
    [InlineData("text/x; of=\"application/json\"", false)]
    [InlineData("", false)]
    public void JSON_is_sent_to_those_who_prefer_it(string accept, bool isWanted)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = accept;
        Assert.Equal(isWanted, JsonText.IsWanted(request));
    }

    [Fact]
    public void Several_headers_are_one_list()
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = new(["application/json;q=0.1", "text/html"]);
        Assert.False(JsonText.IsWanted(request));
    }
}
