using Builder.Analysis.Opam;

namespace Builder.Analysis.Tests.Opam;

public sealed class OpamRepositoryTests
{
    [Fact]
    public void A_list_keeps_its_order_and_urls_keep_their_colons()
    {
        Assert.True(OpamRepository.TryParseList("mirage:git+https://x.org/y.git#main,default:https://opam.ocaml.org", out var list, out _));
        Assert.Equal([new OpamRepository("mirage", "git+https://x.org/y.git#main"), OpamRepository.Default], list);
    }

    [Theory]
    [InlineData("https://opam.ocaml.org,", "\"\" is not NAME:URL")]
    [InlineData("default", "is not NAME:URL")]
    [InlineData("default:", "is not NAME:URL")]
    [InlineData("--all:https://x.org", "is not the name of a repository")]
    [InlineData("a b:https://x.org", "is not the name of a repository")]
    [InlineData("a:--help", "is not a URL or a directory")]
    [InlineData("a:https://x.org,a:https://y.org", "two repositories named \"a\"")]
    public void What_opam_could_take_for_something_else_is_refused(string text, string why)
    {
        Assert.False(OpamRepository.TryParseList(text, out var list, out var reason));
        Assert.Empty(list);
        Assert.Contains(why, reason, StringComparison.Ordinal);
    }
}
