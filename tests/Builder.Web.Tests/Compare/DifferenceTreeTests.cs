using System.Globalization;
using Builder.Analysis.Difference;
using Builder.Web.Compare;

namespace Builder.Web.Tests.Compare;

/// <summary>The tree of differences as pages show it: bounded, encoded, with links that stay.</summary>
public sealed class DifferenceTreeTests
{
    private const string Address = "/compare/a/b";

    [Fact]
    public void Paths_values_and_lines_of_strangers_are_never_markup()
    {
        var root = new DifferenceNode("", "artifacts");
        var evil = new DifferenceNode("<script>alert(1)</script>\u202e\"'", "text<b>");
        evil.Changes.Add(new Change(ChangeType.Field, "<i>", "<img src=x>", "<img src=y>"));
        evil.Changes.Add(
            new Change(ChangeType.Lines, "lines<u>", null, null)
            {
                Text = "--- left\n+++ right\n@@ -1,1 +1,1 @@\n-<svg onload=1>\n+<svg onload=2>\n <s>",
            }
        );
        evil.Notices.Add("<marquee>");
        evil.Causes.Add(new Cause(CauseKind.Content, "<script>", "<b>", "<i>", "<u>"));
        root.Children.Add(evil);

        var html = Render(root);

        foreach (var tag in (string[])["<script", "<b>", "<i>", "<img", "<svg", "<s>", "<u>", "<marquee", "\u202e"])
            Assert.DoesNotContain(tag, html, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=<mark>x</mark>&gt;", html, StringComparison.Ordinal);
        Assert.Contains("onload=<mark>2</mark>&gt;", html, StringComparison.Ordinal);
        Assert.Contains(@"\u202e", html, StringComparison.Ordinal);
        Assert.Contains("line 1", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_tree_shows_its_top_and_links_to_the_rest()
    {
        var root = new DifferenceNode("", "artifacts");
        for (var artifact = 0; artifact < 40; artifact++)
        {
            var file = new DifferenceNode(string.Create(CultureInfo.InvariantCulture, $"f{artifact}"), "tar");
            for (var member = 0; member < 500; member++)
                file.Children.Add(new DifferenceNode(string.Create(CultureInfo.InvariantCulture, $"f{artifact}/m{member}"), "text"));
            root.Children.Add(file);
        }

        var ids = new NodeIds(root);
        var first = TreeCut.FirstPaint.Of(root, ids);
        Assert.Equal(20, first.Children.Length);
        Assert.Equal(20, first.Hidden);
        Assert.Equal(39, first.Children.Sum(child => child.Children.Length));
        var html = DifferenceMarkup.Of(first, Address, TreeCut.FirstPaint).Value!;
        Assert.True(html.Length < 60_000);
        Assert.Contains($"{Address}/difference/{ids.Of(root)}\">20 more parts", html, StringComparison.Ordinal);

        var seen = new HashSet<string>();
        for (var from = 0; ; )
        {
            var part = TreeCut.Part.Of(root.Children[3], ids, from);
            Assert.All(part.Children, child => Assert.True(seen.Add(child.Id)));
            from += part.Children.Length;
            if (part.Hidden == 0)
                break;
        }
        Assert.Equal(500, seen.Count);
    }

    [Fact]
    public void Ids_depend_on_paths_alone_and_tell_members_of_one_name_apart()
    {
        var (one, other) = (new DifferenceNode("", "x"), new DifferenceNode("", "y"));
        foreach (var root in (DifferenceNode[])[one, other])
        {
            root.Children.Add(new DifferenceNode("a", "text"));
            root.Children.Add(new DifferenceNode("a", "text"));
        }
        other.Children.Insert(0, new DifferenceNode("before", "text"));
        var (ids, otherIds) = (new NodeIds(one), new NodeIds(other));

        Assert.NotEqual(ids.Of(one.Children[0]), ids.Of(one.Children[1]));
        Assert.Equal(ids.Of(one.Children[0]), otherIds.Of(other.Children[1]));
        Assert.Same(one.Children[1], ids.Find(ids.Of(one.Children[1])));
        Assert.Null(ids.Find("000000000000"));
        Assert.Same(one, ids.ParentOf(one.Children[0]));
    }

    [Fact]
    public void A_diff_becomes_two_columns()
    {
        var (rows, more) = SideBySide.Of("--- left\n+++ right\n@@ -7,3 +7,4 @@\n same\n-old 1\n-old 2\n+new 1\n end\n+added", 100);

        Assert.Equal(
            [
                new SideRow("line 7", null, true),
                new SideRow("same", "same", true),
                new SideRow("old 1", "new 1", false),
                new SideRow("old 2", null, false),
                new SideRow("end", "end", true),
                new SideRow(null, "added", false),
            ],
            rows
        );
        Assert.Equal(0, more);
        Assert.Equal(4, SideBySide.Of("-a\n-b\n-c\n-d\n-e", 1).More);
        Assert.Empty(SideBySide.Of("the same 3 lines in another order", 10).Rows);
    }

    private static string Render(DifferenceNode root) =>
        DifferenceMarkup.Of(TreeCut.FirstPaint.Of(root, new NodeIds(root)), Address, TreeCut.FirstPaint).Value!;
}
