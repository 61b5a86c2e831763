using Builder.Analysis.Difference;
using CsCheck;

namespace Builder.Analysis.Tests.Difference;

public sealed class ExpectedDifferenceTests
{
    [Theory]
    [InlineData("usr/share/app/info.txt", "data.tar.xz/./usr/share/app/info.txt: line 3", true)]
    [InlineData("usr/share/*", "data.tar.xz/./usr/share/app/info.txt: line 3", false)]
    [InlineData("usr/share/**", "data.tar.xz/./usr/share/app/info.txt: line 3", true)]
    [InlineData("**/info.txt", "data.tar.xz/./usr/share/app/info.txt", true)]
    [InlineData("data.tar.xz/./usr/**", "data.tar.xz/./usr/share/app/info.txt", true)]
    [InlineData("usr/share/app/inf?.txt", "data.tar.xz/./usr/share/app/info.txt", true)]
    [InlineData("usr?share/app/info.txt", "data.tar.xz/./usr/share/app/info.txt", false)]
    [InlineData("USR/share/app/info.txt", "data.tar.xz/./usr/share/app/info.txt", false)]
    [InlineData("info.txt", "data.tar.xz/./usr/share/app/info.txt", false)]
    [InlineData("**", "anything/at all", true)]
    [InlineData("*", "bin/clock", false)]
    public void A_path_is_matched_as_shown_and_from_the_innermost_root(string pattern, string path, bool covers) =>
        Assert.Equal(covers, Expect("timestamp", pattern).Covers(new Cause(CauseKind.Timestamp, path, "1", "2", "")));

    [Fact]
    public void Another_cause_is_not_covered() =>
        Assert.False(Expect("timestamp", "**").Covers(new Cause(CauseKind.Random, "bin/clock", "1", "2", "")));

    [Fact]
    public void Code_is_never_expected()
    {
        Assert.False(ExpectedDifference.TryCreate("code", "**", out _, out var reason));
        Assert.Contains("changed instructions always count", reason, StringComparison.Ordinal);
    }

    /// <summary>Against a matcher that tries every way.</summary>
    [Fact]
    public void Patterns_match_as_the_plain_definition_says()
    {
        var pattern = Pieces("a", "b", "/", "*", "**", "?").Array[1, 6].Select(string.Concat);
        var path = Pieces("a", "b", "/").Array[0, 6].Select(string.Concat);
        pattern.Select(path).Sample((wanted, given) => PathPattern.Matches(wanted, given) == Plain(wanted, given), iter: 20_000);
    }

    [Fact]
    public void A_pattern_of_stars_takes_no_longer_than_its_size_allows() =>
        Assert.False(PathPattern.Matches(string.Concat(Enumerable.Repeat("*a", 120)) + "b", new string('a', 4000)));

    private static Gen<string> Pieces(params string[] pieces) => Gen.Int[0, pieces.Length - 1].Select(at => pieces[at]);

    private static bool Plain(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        if (pattern.IsEmpty)
            return path.IsEmpty;
        if (pattern.StartsWith("**"))
            return Plain(pattern[2..], path) || (!path.IsEmpty && Plain(pattern, path[1..]));
        if (pattern[0] == '*')
            return Plain(pattern[1..], path) || (!path.IsEmpty && path[0] != '/' && Plain(pattern, path[1..]));
        return !path.IsEmpty && (pattern[0] == path[0] || (pattern[0] == '?' && path[0] != '/')) && Plain(pattern[1..], path[1..]);
    }

    private static ExpectedDifference Expect(string cause, string path)
    {
        Assert.True(ExpectedDifference.TryCreate(cause, path, out var expected, out _));
        return expected;
    }
}
