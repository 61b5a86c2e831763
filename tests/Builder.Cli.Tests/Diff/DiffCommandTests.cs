using System.Diagnostics;
using System.Text.Json.Nodes;
using Builder.Cli.Tests.Parsing;
using Builder.Testing;

namespace Builder.Cli.Tests.Diff;

[Collection(CommandTrees.Name)]
public sealed class DiffCommandTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    [Fact]
    public async Task Equal_files_end_with_0_and_different_ones_with_1_and_their_cause_first()
    {
        Write("a", "version 1\nbuilt on 2026-11-22 06:00:01\nend\n");
        Write("b", "version 1\nbuilt on 2026-11-23 07:10:59\nend\n");
        Write("c", "version 1\nbuilt on 2026-11-22 06:00:01\nend\n");

        Assert.Equal((0, "same content\n"), await DiffAsync("a", "c"));
        var (exitCode, output) = await DiffAsync("a", "b");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("timestamp", output, StringComparison.Ordinal);
        Assert.Contains("SOURCE_DATE_EPOCH", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_both_sides_the_causes_and_the_tree()
    {
        Write("a", "built on 2026-11-22 06:00:01\n");
        Write("b", "built on 2026-11-23 07:10:59\n");

        var (exitCode, output) = await DiffAsync("a", "b", "--format", "json");

        var json = JsonNode.Parse(output)!;
        Assert.Equal(1, exitCode);
        Assert.False(json["same"]!.GetValue<bool>());
        Assert.Equal(directory["a"], json["left"]!["path"]!.GetValue<string>());
        Assert.Equal(29, json["right"]!["size"]!.GetValue<long>());
        Assert.Equal("timestamp", json["causes"]![0]!["cause"]!.GetValue<string>());
        Assert.Equal("text", json["root"]!["kind"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_ending_of_the_output_file_chooses_the_format()
    {
        Write("a", "1\n");
        Write("b", "2\n");

        Assert.Equal(1, await RunAsync("diff", directory["a"], directory["b"], "--output", directory["why.html"]));

        Assert.StartsWith("<!DOCTYPE html>", await ReadAsync("why.html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trees_are_compared_file_by_file_and_links_are_never_followed()
    {
        Write("secret", "built on 2026-11-22 06:00:01\n");
        Write("left/same", "x\n");
        Write("right/same", "x\n");
        Write("left/only-left", "y\n");
        Write("left/info.txt", "by 1\n");
        Write("right/info.txt", "by 2\n");
        File.CreateSymbolicLink(directory["left/link"], directory["secret"]);
        File.CreateSymbolicLink(directory["right/link"], directory.Path);

        var (exitCode, output) = await DiffAsync("left", "right");

        Assert.Equal(1, exitCode);
        Assert.Contains("info.txt", output, StringComparison.Ordinal);
        Assert.Contains("only-left", output, StringComparison.Ordinal);
        Assert.Contains("link target", output, StringComparison.Ordinal);
        Assert.DoesNotContain("06:00:01", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cause_that_is_left_out_does_not_count_as_different()
    {
        Write("left/time", "built on 2026-11-22 06:00:01\n");
        Write("right/time", "built on 2026-11-23 07:10:59\n");
        Assert.Equal(1, (await DiffAsync("left", "right")).ExitCode);
        Assert.Equal(0, (await DiffAsync("left", "right", "--exclude", "timestamp")).ExitCode);

        Write("left/more", "x\n");
        var (exitCode, output) = await DiffAsync("left", "right", "--exclude", "timestamp", "--exclude=random");
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("06:00:01", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_compared_is_trouble_and_ends_with_2()
    {
        Write("file", "x\n");
        Write("tree/file", "x\n");
        Write("kept", "old\n");

        Assert.Equal(2, await RunAsync("diff", directory["file"], directory["missing"]));
        Assert.Equal(2, await RunAsync("diff", directory["file"], directory["tree"]));
        Assert.Equal(2, await RunAsync("diff", directory["file"], directory["file"], "--output", directory["tree"]));
        Assert.Equal(2, await RunAsync("diff", "-", "-"));
        Assert.Equal(2, await RunAsync("diff", directory["file"], directory["missing"], "--output", directory["kept"]));
        Assert.Equal("old\n", await ReadAsync("kept"));
        Assert.Equal(
            ["file", "kept", "tree"],
            Directory.EnumerateFileSystemEntries(directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_pipe_is_no_empty_file_and_is_never_opened()
    {
        Requirement.Programs("mkfifo");
        Write("left/entry", "");
        Directory.CreateDirectory(directory["right"]);
        await RunProgramAsync("mkfifo", directory["right/entry"]);

        var (exitCode, output) = await DiffAsync("left", "right");

        Assert.Equal(1, exitCode);
        Assert.Contains("named pipe", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owners_of_files_are_compared()
    {
        Requirement.Met(Environment.UserName == "root", "only root can give files away");
        Write("left/entry", "x\n");
        Write("right/entry", "x\n");
        await RunProgramAsync("chown", "12:34", directory["right/entry"]);

        var (exitCode, output) = await DiffAsync("left", "right");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("file-metadata", output, StringComparison.Ordinal);
        Assert.Contains("12:34", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_lines_of_strangers_cannot_steer_a_terminal()
    {
        Write("left/\u202eevil\u001b[2J", "a\u001b]0;title\u0007\n");
        Write("right/\u202eevil\u001b[2J", "b\u001b]0;title\u0007\n");

        foreach (var format in (string[])["text", "json", "html"])
        {
            var (_, output) = await DiffAsync("left", "right", "--format", format);
            Assert.DoesNotContain('\u001b', output);
            Assert.DoesNotContain('\u202e', output);
            Assert.Contains("evil", output, StringComparison.Ordinal);
        }
    }

    public void Dispose() => directory.Dispose();

    private static Task<int> RunAsync(params string[] words) => new Builder.Cli.CommandLine(null).RunAsync(words);

    private async Task<(int ExitCode, string Output)> DiffAsync(string left, string right, params string[] options)
    {
        var exitCode = await RunAsync(["diff", directory[left], directory[right], "--output", directory["answer"], .. options]);
        return (exitCode, await ReadAsync("answer"));
    }

    private static async Task RunProgramAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(directory[name], TestContext.Current.CancellationToken);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory[name])!);
        File.WriteAllText(directory[name], text);
    }
}
