using System.Text;
using Builder.Testing;

namespace Builder.Worker.Tests.Execution;

public sealed class LeftFilesTests
{
    [Fact]
    public async Task Every_regular_file_is_found_and_nothing_else_is_followed()
    {
        using var outside = new TemporaryDirectory();
        File.WriteAllText(outside["secret"], "secret");
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(
            $$"""
            mkdir -p bin/deep .hidden/dir empty-directory
            echo artifact > bin/deep/a.txt; : > empty; echo dot > .dot; echo more > .hidden/dir/file; echo x > bin/x
            ln -s {{outside.Path}} directory-link; ln -s {{outside["secret"]}} file-link; ln -s /dev/zero endless; ln -s nowhere dangling
            ln empty hard-link
            mkfifo pipe; mkdir bin/script.sh; echo own > bin/script.sh/script.sh
            """);

        Assert.Equal(
            [".dot", "empty", "hard-link", ".hidden/dir/file", "bin/x", "bin/deep/a.txt", "bin/script.sh/script.sh"],
            outcome.Files.Select(file => file.Path.ToString()));
        Assert.Equal("artifact\n", File.ReadAllText(Encoding.UTF8.GetString(outcome.Files[5].Location)));
        Assert.Empty(execution.Console.Lines);
    }

    [Fact]
    public async Task Files_whose_names_are_not_text_are_named_on_the_console()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync("echo x > \"$(printf 'bad-\\377')\"; echo y > 'good-\uFFFD'");

        Assert.Equal(["good-\uFFFD"], outcome.Files.Select(file => file.Path.ToString()));
        Assert.Equal(["builder: not part of the result: \"bad-\uFFFD\": its name is not UTF-8"], execution.Console.Text);
    }

    [Fact]
    public async Task Files_that_cannot_be_read_or_sent_are_named_on_the_console()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync("truncate -s 1T huge; echo small > small; echo x > closed; chmod 000 closed; mkdir shut; chmod 000 shut");

        Assert.Contains("small", outcome.Files.Select(file => file.Path.ToString()));
        Assert.Contains(
            execution.Console.Text,
            line => line.StartsWith("builder: not part of the result: \"huge\": with its 1099511627776 bytes", StringComparison.Ordinal));
        if (Environment.UserName != "root")
        {
            Assert.Equal("builder: not part of the result: \"closed\": cannot read the file: Permission denied", execution.Console.Text[0]);
            Assert.Contains("builder: not part of the result: \"shut\": cannot read the directory: Permission denied", execution.Console.Text);
        }
    }

    [Fact]
    public async Task A_directory_is_removed_however_deep_long_named_or_closed_it_is()
    {
        await using var execution = new Execution();

        using (var outcome = await execution.RunAsync(
            """
            mkdir -p closed/inner; echo x > closed/inner/file; chmod 500 closed/inner closed
            mkdir -p none/inner; chmod 000 none/inner; chmod 000 none
            mkdir "$(printf 'bad-\377')"; : > "$(printf 'bad-\377/\376')"
            name=$(head -c 200 /dev/zero | tr '\0' d)
            i=0; while [ $i -lt 60 ]; do mkdir $name; cd -P $name; i=$((i+1)); done
            echo deep > file
            """))
        {
            Assert.Contains(execution.Console.Text, line => line.EndsWith("File name too long", StringComparison.Ordinal));
            Assert.Equal(["closed/inner/file"], outcome.Files.Select(file => file.Path.ToString()));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(execution.WorkDirectory));
    }
}
