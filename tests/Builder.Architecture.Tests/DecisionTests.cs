using System.Globalization;
using System.Text.RegularExpressions;

namespace Builder.Architecture.Tests;

/// <summary>The decision records and their index.</summary>
public sealed partial class DecisionTests
{
    private static string Folder { get; } = Path.Combine(Repository.Root, "docs", "decisions");

    private static string Index { get; } = File.ReadAllText(Path.Combine(Folder, "README.md"));

    public static TheoryData<string> Records =>
        [
            .. Directory
                .EnumerateFiles(Folder, "*.md")
                .Select(static path => Path.GetFileName(path))
                .Where(static name => name != "README.md"),
        ];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_decision_has_its_number_in_its_heading_and_stands_in_the_index_with_the_same_title(string name)
    {
        var heading = Heading().Match(File.ReadLines(Path.Combine(Folder, name)).First());

        Assert.True(heading.Success, "the heading is not \"# NUMBER. Title\"");
        var number = heading.Groups["number"].Value;
        Assert.StartsWith(
            int.Parse(number, CultureInfo.InvariantCulture).ToString("0000", CultureInfo.InvariantCulture) + "-",
            name,
            StringComparison.Ordinal
        );
        Assert.Contains($"| {number} | [{heading.Groups["title"].Value}]({name}) |", Index, StringComparison.Ordinal);
    }

    [Fact]
    public void The_index_names_no_decision_that_is_not_there() =>
        Assert.All(
            Link().Matches(Index),
            static link => Assert.True(File.Exists(Path.Combine(Folder, link.Groups["file"].Value)), link.Value)
        );

    [GeneratedRegex(@"^# (?<number>[1-9]\d*)\. (?<title>.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\((?<file>[^)]+)\)")]
    private static partial Regex Link();
}
