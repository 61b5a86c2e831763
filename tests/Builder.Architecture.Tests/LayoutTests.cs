namespace Builder.Architecture.Tests;

/// <summary>The rules of docs/architecture.md that a reader relies on when looking for something.</summary>
public sealed class LayoutTests
{
    /// <summary>Whom a project may refer to. Who is not in this list may refer to nobody.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Builder.Posix"] = [],
        ["Builder.Objects"] = [],
        ["Builder.Analysis"] = [],
        ["Builder.Protocol"] = ["Builder.Posix"],
        ["Builder.Proof"] = ["Builder.Analysis"],
        ["Builder.Server"] = ["Builder.Proof", "Builder.Analysis", "Builder.Protocol", "Builder.Objects", "Builder.Posix"],
        ["Builder.Worker"] = ["Builder.Protocol", "Builder.Posix"],
        ["Builder.Storage"] = ["Builder.Protocol", "Builder.Analysis", "Builder.Objects", "Builder.Posix"],
        ["Builder.Publishing"] = ["Builder.Storage", "Builder.Proof", "Builder.Protocol", "Builder.Objects", "Builder.Posix"],
        ["Builder.Web"] =
        [
            "Builder.Publishing",
            "Builder.Storage",
            "Builder.Proof",
            "Builder.Analysis",
            "Builder.Protocol",
            "Builder.Objects",
            "Builder.Posix",
        ],
        ["Builder.Cli"] =
        [
            "Builder.Web",
            "Builder.Publishing",
            "Builder.Storage",
            "Builder.Server",
            "Builder.Worker",
            "Builder.Proof",
            "Builder.Analysis",
            "Builder.Protocol",
            "Builder.Objects",
            "Builder.Posix",
            "Builder.Site",
        ],
        ["Builder.Site"] =
        [
            "Builder.Web",
            "Builder.Publishing",
            "Builder.Storage",
            "Builder.Server",
            "Builder.Worker",
            "Builder.Proof",
            "Builder.Analysis",
            "Builder.Protocol",
            "Builder.Objects",
            "Builder.Posix",
        ],
    };

    public static TheoryData<string> Projects => [.. SourceProject.All.Select(static project => project.Name)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_of_a_project_do_not_refer_to_each_other_in_a_circle(string name)
    {
        var references = Find(name).FolderReferences;
        var circles = Cycles.Among(references);
        Assert.True(circles.Count == 0, string.Join("\n\n", circles.Select(circle => Explain(circle, references))));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_those_below_it(string name)
    {
        var allowed = Allowed.GetValueOrDefault(name, []);
        Assert.Empty(Find(name).ProjectReferences.Except(allowed));
    }

    [Fact]
    public void References_between_folders_are_seen_in_code_and_in_pages()
    {
        var web = Find("Builder.Web").FolderReferences;
        Assert.Contains(
            web,
            static reference => reference.File.EndsWith(".cs", StringComparison.Ordinal) && reference is { From: "Builds", To: "Http" }
        );
        Assert.Contains(
            web,
            static reference => reference.File.EndsWith(".cshtml", StringComparison.Ordinal) && reference is { From: "Builds", To: "Html" }
        );
    }

    [Fact]
    public void A_circle_is_found_however_long_it_is_and_what_leads_into_it_does_not_count()
    {
        FolderReference[] references =
        [
            Between("A", "B"),
            Between("B", "C"),
            Between("C", "A"),
            Between("Before", "A"),
            Between("C", "After"),
        ];
        var circle = Assert.Single(Cycles.Among(references));
        Assert.Equal(["A", "B", "C"], circle.Order(StringComparer.Ordinal));
        Assert.Empty(Cycles.Among(references[1..2]));
    }

    private static FolderReference Between(string from, string to) => new(from, to, "File.cs", "Name");

    private static SourceProject Find(string name) => SourceProject.All.Single(project => project.Name == name);

    private static string Explain(IReadOnlySet<string> circle, IReadOnlyList<FolderReference> references)
    {
        var inside = references.Where(reference => circle.Contains(reference.From) && circle.Contains(reference.To)).ToList();
        var fewest = inside.GroupBy(static reference => (reference.From, reference.To)).OrderBy(static group => group.Count());
        return $"In a circle: {string.Join(", ", circle)}.\n"
            + string.Join('\n', fewest.SelectMany(static group => group.Take(3)).Take(40));
    }
}
