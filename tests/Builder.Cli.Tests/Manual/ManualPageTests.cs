using System.Diagnostics;
using Builder.Cli.Manual;
using Builder.Cli.Originals;
using Builder.Cli.Tests.Parsing;
using Builder.Testing;

namespace Builder.Cli.Tests.Manual;

/// <summary>The manual pages: one for each command of the tree, with all it takes, and readable by the programs that show them.</summary>
[Collection(CommandTrees.Name)]
public sealed class ManualPageTests
{
    private static Dictionary<string, string> Pages() =>
        new ManualPages("2026-11-26", "0.1.0").Of(CommandTree.Create(null)).ToDictionary(page => page.File, page => page.Text);

    [Fact]
    public void Every_visible_command_has_a_page_with_each_of_its_options()
    {
        var pages = Pages();
        var commands = new DescribedCommand([CommandTree.Create(null)]).All.ToList();
        Assert.Equal(commands.Count, pages.Count);
        Assert.True(commands.Count > 50);
        foreach (var command in commands)
        {
            var page = pages[$"{command.PageName}.1"];
            foreach (var name in command.Options.SelectMany(option => option.Names))
                Assert.Contains(Roff.Escape(name), page, StringComparison.Ordinal);
            foreach (var below in command.Below)
                Assert.Contains($"{Roff.Escape(below.PageName)}(1)", page, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(pages.Keys, name => name.Contains("supervisor", StringComparison.Ordinal) || name == "builder-manual.1");
    }

    [Fact]
    public void Each_name_of_an_original_program_has_a_page_with_that_programs_options()
    {
        var pages = Pages();
        foreach (var program in OriginalPrograms.All)
        {
            var page = pages[$"{program.Name}.1"];
            Assert.Contains($".SH CALLED AS {Roff.Escape(program.Name)}\n", page, StringComparison.Ordinal);
            foreach (var option in program.Commands.Values.SelectMany(options => options).Concat(program.Options))
                Assert.Contains(Roff.Escape(option.Name), page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Pages_tell_of_variables_of_the_environment_and_not_of_this_machine()
    {
        var pages = Pages();
        Assert.Contains(".SH ENVIRONMENT\n.TP\n\\fBBUILDER_KEY_FILE\\fR\n", pages["builder-client.1"], StringComparison.Ordinal);
        foreach (var page in pages.Values)
        {
            Assert.DoesNotContain($"Default: {Roff.Escape(Environment.MachineName)}.", page, StringComparison.Ordinal);
            Assert.DoesNotContain(
                Roff.Escape(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/"),
                page,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Examples_are_command_lines_that_hold()
    {
        var line = new CommandLine(null);
        Assert.Subset(
            new DescribedCommand([CommandTree.Create(null)]).All.Select(command => command.Words).ToHashSet(),
            ManualExamples.Commands.ToHashSet()
        );
        foreach (var example in ManualExamples.Commands.SelectMany(ManualExamples.Of).SelectMany(example => example.Line.Split('\n')))
            Assert.Null(line.Refusal(example.Split(' ')[1..]));
    }

    [Theory]
    [InlineData("a-b", "a\\-b")]
    [InlineData("\\fB", "\\efB")]
    [InlineData("say \"x\" ^~`'", "say \\(dqx\\(dq \\(ha\\(ti\\(ga\\(aq")]
    [InlineData("ä€😀", "\\[u00E4]\\[u20AC]\\[u1F600]")]
    [InlineData("a\tb\u0001", "a b ")]
    public void Characters_with_a_meaning_in_roff_are_escaped(string text, string escaped) => Assert.Equal(escaped, Roff.Escape(text));

    [Fact]
    public void A_line_that_begins_with_a_dot_or_an_apostrophe_is_text()
    {
        var page = new Roff("x", "", "");
        page.Text(".SH is no macro here\n\n'tis text");
        page.Item("x", "", ".TP");
        page.Example(".so /etc/passwd");
        Assert.Contains("\\&.SH is", page.ToString(), StringComparison.Ordinal);
        Assert.Contains("\\&\\(aqtis", page.ToString(), StringComparison.Ordinal);
        Assert.Contains("\\&.TP", page.ToString(), StringComparison.Ordinal);
        Assert.Contains("\\&.so", page.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mandoc_has_nothing_to_say_against_any_page()
    {
        Requirement.Programs("mandoc");
        using var directory = new TemporaryDirectory();
        foreach (var (file, text) in Pages())
            await File.WriteAllTextAsync(directory[file], text, TestContext.Current.CancellationToken);
        using var process = Process.Start(
            new ProcessStartInfo("mandoc", ["-T", "lint", "-W", "warning", .. Directory.GetFiles(directory.Path)])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var said = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)
        );
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", string.Concat(said));
    }
}
