using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Values;

public sealed class JobNameTests
{
    [Theory]
    [InlineData("albatross")]
    [InlineData("naïve-名前")]
    [InlineData("a b#c?d")]
    [InlineData("...")]
    public void Names_that_can_be_a_path_segment_are_taken_as_they_are(string text) => Assert.Equal(text, JobName.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("_artifacts")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void Names_that_would_leave_their_directory_are_refused_with_a_reason(string text)
    {
        Assert.False(JobName.TryParse(text, out _, out var reason));
        Assert.Contains("job name", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_not_UTF_8_is_refused() =>
        Assert.False(JobName.TryParse(new ByteString(new byte[] { 0xff, 0xfe }), out _, out _));
}
