using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Values;

public sealed class JobRootTests
{
    private const string Digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("tree:sha256:" + Digest, "builder-root:tree=sha256:" + Digest)]
    [InlineData("image:localhost:5000/a/b_c-d.e@sha256:" + Digest, "builder-root:image=localhost:5000/a/b_c-d.e@sha256:" + Digest)]
    public void Its_text_is_read_back_and_is_a_line_of_system_packages(string text, string line)
    {
        Assert.True(JobRoot.TryParse(text, out var root));
        Assert.Equal(text, root.ToString());
        Assert.Equal(line, root.PackageLine);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tree:sha256:" + Digest + "0")]
    [InlineData("tree:sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("tree:md5:" + Digest)]
    [InlineData("image:debian:12")]
    [InlineData("image:debian@sha256:12")]
    [InlineData("image:de\nbian@sha256:" + Digest)]
    [InlineData("image:@sha256:" + Digest)]
    [InlineData("disk:" + Digest)]
    public void Anything_else_is_none(string? text) => Assert.False(JobRoot.TryParse(text, out _));

    [Theory]
    [InlineData("debian:12", "\"debian:12\" names no digest, and a tag can be another image tomorrow; write NAME@sha256:DIGEST")]
    [InlineData("debian:12@sha256:" + Digest, "\"debian:12\" has a tag beside its digest; leave the tag out")]
    [InlineData("debian@sha256:12", "\"12\" is no SHA-256: that has 64 digits of 0-9 and a-f")]
    [InlineData("Debian@sha256:" + Digest, "\"Debian\" is no name of an image: it has 1 to 200 characters")]
    public void An_image_without_a_digest_is_refused_with_the_way_to_fix_it(string text, string reason)
    {
        Assert.False(JobRoot.TryParseImage(text, out _, out var said));
        Assert.StartsWith(reason, said, StringComparison.Ordinal);
    }
}
