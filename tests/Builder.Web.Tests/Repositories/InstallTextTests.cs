using Builder.Publishing.Options;
using Builder.Web.Http;
using Builder.Web.Repositories;
using Microsoft.AspNetCore.Http;

namespace Builder.Web.Tests.Repositories;

public sealed class InstallTextTests
{
    [Theory]
    [InlineData("builds.example.org", "http://builds.example.org")]
    [InlineData("127.0.0.1:3000", "http://127.0.0.1:3000")]
    [InlineData("[::1]:3000", "http://[::1]:3000")]
    [InlineData("$(id).example.org", "http://HOST")]
    [InlineData("a;id", "http://HOST")]
    [InlineData("a&id", "http://HOST")]
    [InlineData("a'b", "http://HOST")]
    [InlineData("..", "http://HOST")]
    [InlineData("", "http://HOST")]
    [InlineData("a:port", "http://HOST")]
    [InlineData("a:1:2", "http://HOST")]
    [InlineData("a:99999999999", "http://HOST")]
    public void The_name_that_a_visitor_came_by_stands_in_commands_only_where_a_shell_takes_it_for_a_name(string host, string origin)
    {
        var request = new DefaultHttpContext().Request;
        request.Scheme = "http";
        request.Host = new HostString(host);
        Assert.Equal(origin, SiteOrigin.Of(request));
        foreach (var kind in new[] { RepositoryKind.Debian, RepositoryKind.FreeBsd })
            Assert.Contains(origin, InstallText.For(kind, origin, "debian-12", "hello"), StringComparison.Ordinal);
    }
}
