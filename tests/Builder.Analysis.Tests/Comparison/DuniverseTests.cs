using Builder.Analysis.Comparison;

namespace Builder.Analysis.Tests.Comparison;

public sealed class DuniverseTests
{
    private const string Md5A = "md5=0000000000000000000000000000000a";
    private const string Md5B = "md5=0000000000000000000000000000000b";
    private static readonly string Sha = "sha256=" + new string('c', 64);

    [Fact]
    public void Directories_are_compared_by_hash_or_without_one_by_url()
    {
        var comparison = Compare(
            $"""["u1" "same" ["{Md5A}"]] ["u" "hash" ["{Md5A}"]] ["u" "kinds" ["{Md5A}"]] ["u1" "url"] ["u" "left"] ["u" "one" ["{Md5A}"]]""",
            $"""["u2" "same" ["{Md5A}"]] ["v" "hash" ["{Md5B}"]] ["u" "kinds" ["{Md5A}" "{Sha}"]] ["u2" "url"] ["u" "Right"] ["u" "one"]"""
        );
        Assert.Equal([new DuniverseDirectory("left", "u")], comparison.OnlyLeft);
        Assert.Equal([new DuniverseDirectory("Right", "u")], comparison.OnlyRight);
        Assert.Equal(["hash", "kinds", "one", "url"], comparison.Changed.Select(change => change.Name));
        Assert.Equal(("u", "v"), (comparison.Changed[0].LeftUrl, comparison.Changed[0].RightUrl));
        Assert.Equal([new HashChange("md5", Md5A[4..], Md5B[4..])], comparison.Changed[0].Hashes);
        Assert.Equal([new HashChange("sha256", null, Sha[7..])], comparison.Changed[1].Hashes);
    }

    [Fact]
    public void A_single_directory_may_stand_without_the_outer_brackets() =>
        Assert.Equal([new DuniverseDirectory("d", "u")], Compare("\"u\" \"d\"", "").OnlyLeft);

    [Theory]
    [InlineData("[\"u\"]", "a list of [\"URL\" \"DIRECTORY\" [\"HASH\" …]] was expected")]
    [InlineData("[\"u\" \"d\" [\"md5=12\"]]", "not \"md5=12\"")]
    public void What_cannot_be_read_is_a_message_and_the_rest_stays(string right, string message)
    {
        var comparison = SwitchComparer.Compare(Export("", "1"), Export(right, "2"));
        Assert.Contains("right build cannot be read: ", comparison.Duniverse.Problem, StringComparison.Ordinal);
        Assert.Contains(message, comparison.Duniverse.Problem, StringComparison.Ordinal);
        Assert.Single(comparison.OtherVersion);
        Assert.Equal(comparison.Duniverse.Problem, (string?)SwitchComparerTests.Json(comparison)["duniverse_diff"]);
    }

    private static DuniverseComparison Compare(string left, string right) =>
        SwitchComparer.Compare(Export(left, "1"), Export(right, "1")).Duniverse;

    private static Analysis.Opam.SwitchExport Export(string directories, string version) =>
        Switches.Of(
            $"roots: \"a.{version}\" installed: \"a.{version}\" package \"a\" {{ x-opam-monorepo-duniverse-dirs: [{directories}] }}"
        );
}
