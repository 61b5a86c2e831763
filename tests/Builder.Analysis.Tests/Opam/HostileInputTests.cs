using System.Text;
using System.Text.Json;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Tests.Opam;

public sealed class HostileInputTests
{
    private const int TenMegabytes = 10_000_000;

    [Theory]
    [InlineData("a: ", "[")]
    [InlineData("a: ", "(")]
    [InlineData("a: ", "!")]
    [InlineData("a: ", "b {")]
    [InlineData("a: b", "{}")]
    [InlineData("a: ", "b & [")]
    public void Deep_nesting_is_refused_where_it_gets_too_deep(string start, string piece)
    {
        var refusal = Refuse(start + Repeat(piece));
        Assert.Equal(1, refusal.Line);
        Assert.InRange(refusal.Column, 500, 3000);
        Assert.Contains("at most 500 levels of nesting", refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: ", "b | ")]
    [InlineData("a: ", "b & ")]
    public void Endless_chains_are_refused(string start, string piece) =>
        Assert.Contains("at most 200000 fields and values", Refuse(start + Repeat(piece)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData(" | ", 5_000)]
    [InlineData(" & ", 5_000)]
    [InlineData(" & \"x\" {>= \"1\"} | ", 5_000)]
    [InlineData(" ", 5_000)]
    public async Task Long_chains_and_lists_go_through_everything_that_is_done_with_a_file(string link, int count)
    {
        var terms = string.Join(link, Enumerable.Range(0, count).Select(number => $"\"p{number}\" {{}}"));
        var text = Encoding.ASCII.GetBytes(
            $"roots: \"a.1\" installed: [\"a.1\" \"p7.1\"] package \"a\" {{ depends: [{terms}] build: [\"make\" {{{terms}}}] available: [{terms}] x-a: {terms.Split(' ')[0]} }}"
        );
        // A quarter of what a thread usually has.
        await OnSmallStackAsync(
            256 * 1024,
            () =>
            {
                var file = OpamFile.Parse(text, "long");
                var again = OpamFile.Parse(Encoding.UTF8.GetBytes(OpamFileTests.Print(file)), "printed");
                Assert.Equal(file, again);
                using var json = new Utf8JsonWriter(Stream.Null, new JsonWriterOptions { MaxDepth = OpamTreeJson.MaximumDepth });
                OpamTreeJson.Write(json, file);
                var export = SwitchExport.Parse(text, "long");
                var other = SwitchExport.Parse(
                    Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(text).Replace("\"p3\"", "\"q3\"", StringComparison.Ordinal)),
                    "other"
                );
                Assert.False(Assert.Single(SwitchComparer.Compare(export, other).Changed).EffectivelyEqual);
                Assert.True(DependencyGraph.TryCreate(export, out var graph, out _));
                Assert.Equal(["p7"], graph["a"].Dependencies);
            }
        );
    }

    [Fact]
    public async Task Parentheses_nest_up_to_the_limit_on_a_small_stack() =>
        await OnSmallStackAsync(
            512 * 1024,
            () =>
            {
                var nested = (int depth) => $"a: {new string('(', depth)}\"x\" & \"y\"{new string(')', depth)}";
                var file = OpamFile.Parse(Encoding.ASCII.GetBytes(nested(498)), "nested");
                Assert.Equal(file, OpamFile.Parse(Encoding.UTF8.GetBytes(OpamFileTests.Print(file)), "printed"));
                Assert.Contains("at most 500 levels of nesting", Refuse(nested(501)).Reason, StringComparison.Ordinal);
            }
        );

    [Fact]
    public void Deep_sections_are_refused() => Assert.Contains("levels of nesting", Refuse(Repeat("a {")).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("a: [", "1 ")]
    [InlineData("a: [", "[] ")]
    [InlineData("", "a:1\n")]
    [InlineData("", "a{}\n")]
    public void More_values_than_any_file_has_are_refused(string start, string piece) =>
        Assert.Contains("at most 200000 fields and values", Refuse(start + Repeat(piece)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("a: \"", "x", "the end of the string")]
    [InlineData("a: \"\"\"", "\"\\\n", "the end of the string")]
    [InlineData("", "(*", "the end of the comment")]
    [InlineData("", "a", "an identifier of at most 1000 bytes")]
    [InlineData("a: ", "9", "an integer")]
    [InlineData("a: ", "_", "not a valid token")]
    public void Endless_tokens_are_refused(string start, string piece, string expected) =>
        Assert.Contains(expected, Refuse(start + Repeat(piece)).Reason, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_too_long_is_refused_unread()
    {
        var refusal = Assert.Throws<OpamSyntaxException>(() => OpamFile.Parse(new byte[OpamFile.MaximumLength + 1], "long"));
        Assert.Equal("long:1:1: at most 16 MiB were expected, not 16777217 bytes", refusal.Message);
    }

    [Fact]
    public void The_deepest_tree_that_is_read_is_printed_and_compared_with_ease()
    {
        var deep = "a: " + new string('[', 490) + "1" + new string(']', 490);
        var file = OpamFile.Parse(Encoding.UTF8.GetBytes(deep), "deep");
        Assert.Equal(file, OpamFile.Parse(Encoding.UTF8.GetBytes(OpamFileTests.Print(file)), "deep"));
    }

    [Fact]
    public void A_package_too_large_to_diff_is_said_to_differ()
    {
        var export = (int seed) =>
            Switches.Of(
                $"installed: \"a.1\" package \"a\" {{ build: [{string.Concat(Enumerable.Range(seed, 60_000).Select(number => $"[\"{number}\"]"))}] }}"
            );
        var change = Assert.Single(SwitchComparer.Compare(export(0), export(1)).Changed);
        Assert.Equal("(too large to be shown line by line)", change.Diff);
        Assert.False(change.EffectivelyEqual);
    }

    [Fact]
    public void Texts_that_share_hardly_a_line_are_compared_within_bounds()
    {
        var random = new Random(1);
        var text = () => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100_000).Select(_ => $"{random.Next(1000)}\n")));
        var (left, right) = (text(), text());
        var diff = UnifiedDiff.Create(left, right, "left", "right");
        Assert.Equal(100_000, diff.Split('\n').Skip(2).Count(line => line[0] is ' ' or '-'));
        Assert.Equal(100_000, diff.Split('\n').Skip(2).Count(line => line[0] is ' ' or '+'));
    }

    private static async Task OnSmallStackAsync(int stackSize, Action work)
    {
        // Whoever waits for it shall not go on on the small stack.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    work();
                    done.SetResult();
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            stackSize
        );
        thread.Start();
        await done.Task;
    }

    private static string Repeat(string piece) => string.Concat(Enumerable.Repeat(piece, TenMegabytes / piece.Length));

    private static OpamSyntaxException Refuse(string text)
    {
        Assert.False(OpamFile.TryParse(Encoding.ASCII.GetBytes(text), "hostile", out _, out var error));
        return error;
    }
}
