using Builder.Web.Html;

namespace Builder.Web.Tests.Html;

public sealed class ShellWordTests
{
    [Theory]
    [InlineData("hello.hvt", "hello.hvt")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's $(x)", "'it'\\''s $(x)'")]
    [InlineData("-rf", null)]
    [InlineData("", null)]
    [InlineData("a\nb", null)]
    [InlineData("a\u202eb", null)]
    public void A_name_stays_a_name(string name, string? word) => Assert.Equal(word, ShellWord.Of(name));
}
