using System.Text.Json;
using AngleSharp.Html.Parser;
using Builder.Analysis.Difference;
using Builder.Analysis.Difference.Output;

namespace Builder.Analysis.Tests.Difference;

public sealed class DifferenceOutputTests : IDisposable
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Vectors", "difference");

    private readonly string folder = Directory.CreateTempSubdirectory("builder-difference-test-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Fact]
    public async Task Text_begins_with_the_causes_and_fits_on_a_page()
    {
        var lines = (await TextAsync("deb-date-in-file/left.deb", "deb-date-in-file/right.deb")).Split('\n');
        Assert.StartsWith("timestamp  data.tar.xz/./usr/share/sample/info.txt: line 2: ", lines[0], StringComparison.Ordinal);
        Assert.InRange(lines.Length, 5, 60);
        Assert.Contains("How to fix", lines);
    }

    [Fact]
    public async Task Json_has_the_cause_and_the_tree()
    {
        using var stream = new MemoryStream();
        await DifferenceJson.WriteAsync(
            stream,
            await CompareAsync("tar-mtime/left.tar", "tar-mtime/right.tar"),
            TestContext.Current.CancellationToken
        );
        using var json = JsonDocument.Parse(stream.ToArray());
        Assert.False(json.RootElement.GetProperty("same").GetBoolean());
        Assert.Equal(64, json.RootElement.GetProperty("left").GetProperty("sha256").GetString()!.Length);
        var cause = json.RootElement.GetProperty("causes")[0];
        Assert.Equal("timestamp", cause.GetProperty("cause").GetString());
        Assert.Equal("a.txt: modification time", cause.GetProperty("path").GetString());
        Assert.Equal("2023-11-14 22:13:20", cause.GetProperty("left").GetString());
        Assert.NotEqual("", cause.GetProperty("fix").GetString());
        Assert.Equal("tar", json.RootElement.GetProperty("root").GetProperty("kind").GetString());
        Assert.Equal("changed", json.RootElement.GetProperty("root").GetProperty("children")[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Html_shows_markup_of_strangers_as_text()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "left"), "a\n<script>alert(1)</script>\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "right"),
            "a\n<img src=x onerror=alert(2)>\n",
            TestContext.Current.CancellationToken
        );
        var html = new StringWriter();
        await DifferenceHtml.WriteAsync(
            html,
            await CompareAsync(Path.Combine(folder, "left"), Path.Combine(folder, "right")),
            TestContext.Current.CancellationToken
        );
        using var page = new HtmlParser().ParseDocument(html.ToString());
        Assert.Empty(page.QuerySelectorAll("script, img, link"));
        Assert.Contains("<script>alert(1)</script>", page.QuerySelector("td.left")!.TextContent, StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector("details[open]"));
    }

    [Fact]
    public async Task Directories_are_compared_by_names_modes_links_and_contents()
    {
        foreach (var side in (string[])["left", "right"])
        {
            var root = Path.Combine(folder, side);
            Directory.CreateDirectory(Path.Combine(root, "sub"));
            await File.WriteAllTextAsync(Path.Combine(root, "same"), "same", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(root, "sub/date"),
                side == "left" ? "2023-11-14" : "2023-11-15",
                TestContext.Current.CancellationToken
            );
            await File.WriteAllTextAsync(Path.Combine(root, $"only-{side}-file"), side, TestContext.Current.CancellationToken);
            File.CreateSymbolicLink(Path.Combine(root, "link"), "/etc");
        }
        var result = await DifferenceEngine.CompareDirectoriesAsync(
            Path.Combine(folder, "left"),
            Path.Combine(folder, "right"),
            new DifferenceOptions(),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(
            ["only-left-file", "only-right-file", "sub/date"],
            result.Root!.Children.Select(child => child.Path).Order(StringComparer.Ordinal)
        );
        Assert.Contains(result.Causes, cause => cause.Kind == CauseKind.Timestamp && cause.Path == "sub/date: line 1");
        var same = await DifferenceEngine.CompareDirectoriesAsync(
            folder,
            folder,
            new DifferenceOptions(),
            TestContext.Current.CancellationToken
        );
        Assert.True(same.IsSame);
    }

    [Fact]
    public async Task Checksums_of_a_changed_file_follow()
    {
        var (left, right) = (Path.Combine(folder, "left"), Path.Combine(folder, "right"));
        foreach (var (root, digest, date) in ((string, char, string)[])[(left, 'a', "2023-11-14"), (right, 'b', "2023-11-15")])
        {
            Directory.CreateDirectory(root);
            await File.WriteAllTextAsync(
                Path.Combine(root, "md5sums"),
                $"{new string(digest, 32)}  info\n",
                TestContext.Current.CancellationToken
            );
            await File.WriteAllTextAsync(Path.Combine(root, "info"), date, TestContext.Current.CancellationToken);
        }
        var result = await DifferenceEngine.CompareDirectoriesAsync(
            left,
            right,
            new DifferenceOptions(),
            TestContext.Current.CancellationToken
        );
        Assert.Equal("info: line 1", Assert.Single(result.Causes).Path);
        Assert.True(result.Root!.Children.Single(child => child.Path == "md5sums").Follows);
    }

    private static async Task<string> TextAsync(string left, string right)
    {
        var text = new StringWriter();
        await DifferenceText.WriteAsync(text, await CompareAsync(left, right), isColoured: false, TestContext.Current.CancellationToken);
        return text.ToString();
    }

    private static Task<DifferenceResult> CompareAsync(string left, string right) =>
        DifferenceEngine.CompareAsync(
            Path.Combine(Folder, left),
            Path.Combine(Folder, right),
            new DifferenceOptions(),
            TestContext.Current.CancellationToken
        );
}
