using Builder.Objects.Addresses;

namespace Builder.Objects.Tests;

public sealed class BucketAddressTests
{
    [Theory]
    [InlineData("s3://builds", "builds", "", "https://s3.us-east-1.amazonaws.com/", "us-east-1")]
    [InlineData("s3://builds/a/b/?region=eu-west-1", "builds", "a/b/", "https://s3.eu-west-1.amazonaws.com/", "eu-west-1")]
    [InlineData("s3://builds?endpoint=http://127.0.0.1:8000&region=x", "builds", "", "http://127.0.0.1:8000/", "x")]
    [InlineData("s3://builds?endpoint=http%3A%2F%2Flocalhost%3A8000", "builds", "", "http://localhost:8000/", "us-east-1")]
    [InlineData("s3://builds?endpoint=http://ceph:8000&plain-http=true", "builds", "", "http://ceph:8000/", "us-east-1")]
    public void An_address_has_its_parts(string text, string bucket, string prefix, string endpoint, string region)
    {
        Assert.True(BucketAddress.TryParse(text, static _ => null, out var address, out _));
        Assert.Equal(new BucketAddress(bucket, prefix, new Uri(endpoint), region), address);
    }

    [Theory]
    [InlineData("/srv/data", "it does not begin with s3://")]
    [InlineData("s3://", "the bucket \"\" is no bucket name")]
    [InlineData("s3://Builds", "the bucket \"Builds\" is no bucket name")]
    [InlineData("s3://builds/a/../b", "the prefix \"a/../b\"")]
    [InlineData("s3://builds?endpoint=ceph:8000", "the endpoint \"ceph:8000\" is no http or https address")]
    [InlineData("s3://builds?endpoint=http://ceph:8000", "is not encrypted: use https, or add plain-http=true")]
    [InlineData("s3://builds?endpoint=https://ceph/path", "is no http or https address of a host and port")]
    [InlineData("s3://builds?endpoint=https://user:word@ceph", "is no http or https address of a host and port")]
    [InlineData("s3://builds?secret=x", "\"secret\" does not belong into the address")]
    [InlineData("s3://builds?other=x", "\"other\" is unknown; use endpoint, region or plain-http")]
    [InlineData("s3://builds?region=a&region=b", "\"region\" is there twice")]
    [InlineData("s3://builds?region=a%20b", "the region \"a b\"")]
    [InlineData("s3://builds?plain-http=yes", "plain-http is \"yes\"; use true or false")]
    public void What_is_none_is_refused_with_the_reason(string text, string reason)
    {
        Assert.False(BucketAddress.TryParse(text, static _ => null, out _, out var said));
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_says_what_the_address_does_not()
    {
        Assert.True(
            BucketAddress.TryParse(
                "s3://builds",
                static name =>
                    name switch
                    {
                        "AWS_REGION" => "garage",
                        "AWS_ENDPOINT_URL" => "https://store.example:3900",
                        _ => null,
                    },
                out var address,
                out _
            )
        );
        Assert.Equal(new BucketAddress("builds", "", new Uri("https://store.example:3900"), "garage"), address);
        Assert.Equal("s3://builds at store.example:3900", address.ToString());
    }
}
