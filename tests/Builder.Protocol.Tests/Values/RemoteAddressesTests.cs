using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Values;

public sealed class RemoteAddressesTests
{
    [Fact]
    public void Addresses_have_commas_between_them()
    {
        Assert.True(RemoteAddresses.TryParse("a.example.org,[::1]:99,unix:/run/builder/socket", out var addresses, out _));
        Assert.Equal(
            [new RemoteAddress("a.example.org", 1234), new RemoteAddress("::1", 99), new RemoteAddress("", 0, "/run/builder/socket")],
            addresses.All
        );
        Assert.Equal("a.example.org:1234,[::1]:99,unix:/run/builder/socket", addresses.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,")]
    [InlineData(",a")]
    [InlineData("a,b:x")]
    public void One_that_is_no_address_is_named(string text)
    {
        Assert.False(RemoteAddresses.TryParse(text, out _, out var reason));
        Assert.Contains("is not an address such as", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_one_that_answered_last_is_asked_first()
    {
        Assert.True(RemoteAddresses.TryParse("a,b,c", out var addresses, out _));
        var tried = new List<string>();
        string serving = "b";
        Task<string> ConnectAsync() =>
            addresses.ConnectAsync(
                (address, _) =>
                {
                    tried.Add(address.Host);
                    return address.Host == serving ? Task.FromResult(address.Host) : throw new IOException(address.Host);
                },
                static exception => exception is IOException,
                static address => new IOException(address.Host),
                TestContext.Current.CancellationToken
            );

        Assert.Equal("b", await ConnectAsync());
        Assert.Equal("b", await ConnectAsync());
        serving = "a";
        Assert.Equal("a", await ConnectAsync());
        Assert.Equal(["a", "b", "b", "b", "c", "a"], tried);
        serving = "none";
        Assert.Equal("c", (await Assert.ThrowsAsync<IOException>(ConnectAsync)).Message);
    }

    [Fact]
    public async Task One_that_takes_the_connection_and_says_nothing_is_passed_over()
    {
        var addresses = new RemoteAddresses(new RemoteAddress("a", 1), new RemoteAddress("b", 1))
        {
            Patience = TimeSpan.FromMilliseconds(1),
        };
        var answered = await addresses.ConnectAsync(
            async (address, limit) =>
            {
                if (address.Host == "a")
                    await Task.Delay(Timeout.InfiniteTimeSpan, limit);
                return address.Host;
            },
            static exception => exception is IOException,
            static address => new IOException(address.Host),
            TestContext.Current.CancellationToken
        );
        Assert.Equal("b", answered);
    }

    [Fact]
    public async Task A_refusal_is_the_answer_of_the_server()
    {
        var addresses = new RemoteAddresses(new RemoteAddress("a", 1), new RemoteAddress("b", 1));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            addresses.ConnectAsync<string>(
                static (_, _) => throw new InvalidOperationException("refused"),
                static exception => exception is IOException,
                static address => new IOException(address.Host),
                TestContext.Current.CancellationToken
            )
        );
    }
}
