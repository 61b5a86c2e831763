using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Values;

public sealed class RemoteAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:1234", "127.0.0.1", 1234, "127.0.0.1:1234")]
    [InlineData("[::1]:1234", "::1", 1234, "[::1]:1234")]
    [InlineData("[2001:db8::1]", "2001:db8::1", 1234, "[2001:db8::1]:1234")]
    [InlineData("builds.example.org:9", "builds.example.org", 9, "builds.example.org:9")]
    [InlineData("localhost", "localhost", 1234, "localhost:1234")]
    [InlineData("192.0.2.1", "192.0.2.1", 1234, "192.0.2.1:1234")]
    public void It_is_a_name_or_a_number_with_a_port_or_the_usual_one(string text, string host, int port, string shown)
    {
        Assert.True(RemoteAddress.TryParse(text, out var address, out _));
        Assert.Equal(new RemoteAddress(host, port), address);
        Assert.Equal(shown, address.ToString());
        Assert.True(RemoteAddress.TryParse(shown, out var again, out _));
        Assert.Equal(address, again);
    }

    [Fact]
    public void A_local_socket_has_a_path()
    {
        Assert.True(RemoteAddress.TryParse("unix:/run/builder/[socket]:1", out var address, out _));
        Assert.Equal("/run/builder/[socket]:1", address.Path);
        Assert.Equal("unix:/run/builder/[socket]:1", address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":1234")]
    [InlineData("::1")]
    [InlineData("::1:1234")]
    [InlineData("localhost:")]
    [InlineData("localhost:0")]
    [InlineData("localhost:+1")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:99999999999999999999")]
    [InlineData("[localhost]:1")]
    [InlineData("[127.0.0.1]:1")]
    [InlineData("[::1")]
    [InlineData("::1]:1")]
    [InlineData("[::1]x:1")]
    [InlineData("[]:1")]
    [InlineData("a b:1")]
    [InlineData("a/b:1")]
    [InlineData("unix:")]
    public void What_is_none_is_refused_with_examples(string text)
    {
        Assert.False(RemoteAddress.TryParse(text, out _, out var reason));
        Assert.Contains("[::1]:1234", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_an_error_and_leaves_no_socket()
    {
        Assert.True(RemoteAddress.TryParse("unix:/nonexistent/socket", out var address, out _));
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => address.ConnectAsync(TestContext.Current.CancellationToken));
    }
}
