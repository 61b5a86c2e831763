using System.Text;
using Builder.Analysis.Comparison;

namespace Builder.Analysis.Tests.Comparison;

/// <summary>The answers are what <c>diff -u</c> of GNU diffutils 3.8 prints.</summary>
public sealed class UnifiedDiffTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("a", "a", "")]
    [InlineData("", "a", "@@ -0,0 +1 @@\n+a")]
    [InlineData("a b", "", "@@ -1,2 +0,0 @@\n-a\n-b")]
    [InlineData("a", "b", "@@ -1 +1 @@\n-a\n+b")]
    [InlineData("a a a", "a a a a", "@@ -1,3 +1,4 @@\n a\n a\n a\n+a")]
    [InlineData("1 2 3 4 5 6 7 8 9", "1 x 3 4 5 6 7 8 y", "@@ -1,9 +1,9 @@\n 1\n-2\n+x\n 3\n 4\n 5\n 6\n 7\n 8\n-9\n+y")]
    [InlineData(
        "1 2 3 4 5 6 7 8 9 0",
        "1 x 3 4 5 6 7 8 9 y",
        "@@ -1,5 +1,5 @@\n 1\n-2\n+x\n 3\n 4\n 5\n@@ -7,4 +7,4 @@\n 7\n 8\n 9\n-0\n+y"
    )]
    [InlineData("[ a ] [ b ]", "[ a ] [ c ] [ b ]", "@@ -2,5 +2,8 @@\n a\n ]\n [\n+c\n+]\n+[\n b\n ]")]
    public void Hunks_are_those_of_diff(string left, string right, string hunks)
    {
        var expected = hunks.Length == 0 ? "" : $"--- left\n+++ right\n{hunks}";
        Assert.Equal(expected, UnifiedDiff.Create(Lines(left), Lines(right), "left", "right"));
    }

    private static byte[] Lines(string words) => Encoding.UTF8.GetBytes(words.Replace(' ', '\n'));
}
