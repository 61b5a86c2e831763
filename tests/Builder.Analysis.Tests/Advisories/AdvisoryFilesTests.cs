using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Builder.Analysis.Advisories;
using Builder.Testing;

namespace Builder.Analysis.Tests.Advisories;

/// <summary>The advisories of the OCaml security team (CC0), and what the team's own tool made of them in the OSV format.</summary>
public sealed class AdvisoryFilesTests
{
    public static TheoryData<string> Ids { get; } =
        new(Vectors.Files("advisories", "*.md").Select(file => Path.GetFileNameWithoutExtension(file)));

    [Fact]
    public void Every_advisory_of_the_vectors_is_read_in_both_formats()
    {
        var read = Samples.Read("advisories");

        Assert.Equal(26, read.Count);
        Assert.Equal(0, read.Problems);
        Assert.Equal(26, Samples.Read("advisories/osv").Count);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Both_formats_say_the_same_of_every_released_version(string id)
    {
        var opam = Samples.Advisory($"advisories/{id}.md");
        var osv = Samples.Advisory($"advisories/osv/{id}.json");
        var listed = JsonNode.Parse(Vectors.ReadText($"advisories/osv/{id}.json"))!["affected"]![0]!["versions"]!
            .AsArray()
            .Select(version => version!.GetValue<string>())
            .ToList();

        Assert.Equal((opam.Id, opam.Title, Time(opam.Modified), opam.Severity), (osv.Id, osv.Title, Time(osv.Modified), osv.Severity));
        Assert.Equal(opam.Bindings, osv.Bindings);
        Assert.Equal(opam.Aliases, osv.Aliases);
        var (ours, theirs) = (opam.Packages.Single(), osv.Packages.Single());
        Assert.Equal(ours.Name, theirs.Name);
        Assert.Equal(ours.Versions.Ranges, theirs.Versions.Ranges);
        Assert.NotEmpty(listed);
        Assert.All(listed, version => Assert.True(ours.Versions.Contains(version), version));
        Assert.All(ours.Versions.Ranges.Select(range => range.FirstAfter).OfType<string>(), bound => Assert.DoesNotContain(bound, listed));
    }

    private static DateTimeOffset Time(string? text) => DateTimeOffset.Parse(text!, CultureInfo.InvariantCulture);

    [Fact]
    public void Fields_and_title_are_those_of_the_file()
    {
        var advisory = Samples.Advisory("advisories/OSEC-2026-04.md");

        Assert.Equal("Bigarray.reshape integer overflow", advisory.Title);
        Assert.Equal(["CVE-2026-34353"], advisory.Aliases);
        Assert.Equal("6.1", advisory.Score);
        Assert.Equal("2026-06-18T13:20:00Z", advisory.Published);
        Assert.Equal(6, advisory.Bindings.Length);
        Assert.Equal(["https://github.com/ocaml/ocaml/issues/14655", "https://github.com/ocaml/ocaml/pull/14691"], advisory.References);
        Assert.DoesNotContain("severity_score", advisory.Details, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_is_read_as_the_directory_in_it()
    {
        using var directory = new TemporaryDirectory();
        ZipFile.CreateFromDirectory(Vectors.PathOf("advisories"), directory["all.zip"]);

        var fromArchive = Samples.Read(directory["all.zip"]);

        Assert.Equal(
            Samples.Read("advisories").Advisories.Select(advisory => advisory.Id),
            fromArchive.Advisories.Select(advisory => advisory.Id)
        );
        Assert.Equal(26, Samples.Read(directory.Path).Count);
    }

    [Fact]
    public void Markdown_that_is_no_advisory_is_left_aside_and_a_broken_advisory_is_named()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["README.md"], "# About\n\n```\nid: X\n```\n");
        File.WriteAllText(directory["broken.md"], "```\nid: OSEC-1\naffected: \"a\" {< }\n```\n# t\n");
        File.WriteAllText(directory["good.md"], "\n```\r\nid: OSEC-2\r\naffected: \"a\"\r\n```\r\n\r\n# t\r\n");
        var problems = new List<string>();

        var read = AdvisoryFiles.Read(directory.Path, problems.Add);

        Assert.Equal(["OSEC-2"], read.Advisories.Select(advisory => advisory.Id));
        Assert.StartsWith("broken.md:3:", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no end", "```\nid: A\n", "is missing")]
    [InlineData("no id", "```\naffected: \"a\"\n```\n", "the field id is missing")]
    [InlineData("no package", "```\nid: A\n```\n", "the field affected is missing")]
    [InlineData("a path for an id", "```\nid: \"../../etc\"\naffected: \"a\"\n```\n", "the id \"../../etc\"")]
    [InlineData("a bad name", "```\nid: A\naffected: \"../x\" {< \"1\"}\n```\n", "is not the name of an opam package")]
    [InlineData("two ids", "```\nid: [A B]\naffected: \"a\"\n```\n", "more than one value")]
    [InlineData("a number of packages", "```\nid: A\naffected: 3\n```\n", "affected: a package")]
    public void What_is_wrong_with_an_advisory_is_said_with_the_name_of_its_file(string what, string text, string expected)
    {
        var problem = Assert.Throws<AdvisoryException>(() => OpamAdvisory.Read(Encoding.UTF8.GetBytes(text), "x.md"));

        Assert.StartsWith("x.md", problem.Message, StringComparison.Ordinal);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }

    [Fact]
    public void Hostile_files_are_bounded()
    {
        var terms = string.Join(" | ", Enumerable.Range(0, 2000).Select(number => $"< \"{number}\""));
        Refused($"```\nid: A\naffected: \"a\" {{{terms}}}\n```\n", "more than 1000 comparisons");
        var packages = string.Join(" | ", Enumerable.Range(0, 40).Select(number => $"\"a{number}\""));
        Refused($"```\nid: A\naffected: ({packages}) & ({packages.Replace('a', 'b')})\n```\n", "more than 1000 packages");
        Refused($"```\nid: A\naffected: {new string('(', 100_000)}\n```\n", "nesting");
        Refused($"```\nid: A\ndetails: \"{new string('x', 5 << 20)}\"\n```\n", "at most 4 MiB");
        Assert.Contains(
            "not an OSV file",
            Assert.Throws<AdvisoryException>(() => OsvAdvisory.Read(Encoding.UTF8.GetBytes(new string('[', 100_000)), "x.json")).Message,
            StringComparison.Ordinal
        );

        static void Refused(string text, string expected) =>
            Assert.Contains(
                expected,
                Assert.Throws<AdvisoryException>(() => OpamAdvisory.Read(Encoding.UTF8.GetBytes(text), "x.md")).Message,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void A_zip_bomb_is_named_and_the_others_are_read()
    {
        using var directory = new TemporaryDirectory();
        using (var archive = ZipFile.Open(directory["bomb.zip"], ZipArchiveMode.Create))
        {
            using (var bomb = archive.CreateEntry("bomb.json").Open())
            {
                var zeros = new byte[1 << 20];
                for (var count = 0; count < 64; count++)
                    bomb.Write(zeros);
            }
            using var good = archive.CreateEntry("good.md").Open();
            good.Write("```\nid: GOOD-1\naffected: \"a\"\n```\n# t\n"u8);
        }
        var problems = new List<string>();

        var read = AdvisoryFiles.Read(directory["bomb.zip"], problems.Add);

        Assert.Equal(["GOOD-1"], read.Advisories.Select(advisory => advisory.Id));
        Assert.Contains("bomb.json", Assert.Single(problems), StringComparison.Ordinal);
    }
}
