using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Files;

namespace Builder.Worker.Tests.Execution;

public sealed class LeftFilesTests
{
    [Fact]
    public async Task Every_regular_file_is_found_links_out_of_the_directory_are_not_followed_and_all_that_is_left_out_is_named()
    {
        using var outside = new TemporaryDirectory();
        File.WriteAllText(outside["secret"], "secret");
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(
            $$"""
            mkdir -p bin/deep .hidden/dir empty-directory
            echo artifact > bin/deep/a.txt; : > empty; echo dot > .dot; echo more > .hidden/dir/file; echo x > bin/x
            ln -s {{outside.Path}} directory-link; ln -s {{outside["secret"]}} file-link; ln -s /dev/zero endless; ln -s nowhere dangling
            ln -s ../../../../../../../../..{{outside["secret"]}} bin/climbing; ln -s round1 round2; ln -s round2 round1
            ln empty hard-link
            mkfifo pipe; mkdir bin/script.sh; echo own > bin/script.sh/script.sh
            """
        );

        Assert.Equal(
            [".dot", "empty", "hard-link", ".hidden/dir/file", "bin/x", "bin/deep/a.txt", "bin/script.sh/script.sh"],
            outcome.Files.Select(file => file.Path.ToString())
        );
        Assert.Equal("artifact\n", Content(outcome.Files[5]));
        const string Out = "the link leads out of the job's directory";
        Assert.Equal(
            [
                ("dangling", "the link leads to nothing"),
                ("directory-link", Out),
                ("endless", Out),
                ("file-link", Out),
                ("pipe", "it is a pipe"),
                ("round1", "the link leads in a circle"),
                ("round2", "the link leads in a circle"),
                ("bin/climbing", Out),
            ],
            execution.Console.Text.Select(line => line.Split('"')).Select(parts => (parts[1], parts[2][2..]))
        );
    }

    [Fact]
    public async Task Links_that_stay_inside_the_directory_are_followed()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(
            """
            mkdir -p bin real/lib
            echo unikernel > real/app.hvt; echo code > real/lib/a
            ln -s ../real/app.hvt bin/app.hvt; ln -s app.hvt bin/again; ln -s "$PWD/real/app.hvt" bin/absolute; ln -s real/lib lib
            ln -s .. real/up; ln -s ../real bin/real
            """
        );

        Assert.Equal(
            ["bin/absolute", "bin/again", "bin/app.hvt", "bin/real/app.hvt", "bin/real/lib/a", "lib/a", "real/app.hvt", "real/lib/a"],
            outcome.Files.Select(file => file.Path.ToString()).Order(StringComparer.Ordinal)
        );
        Assert.All(
            outcome.Files.Where(file => file.Path.ToString().StartsWith("bin/a", StringComparison.Ordinal)),
            file => Assert.Equal("unikernel\n", Content(file))
        );
        Assert.All(
            execution.Console.Text,
            line => Assert.EndsWith("the link leads to a directory that it is in itself", line, StringComparison.Ordinal)
        );
        Assert.Equal(2, execution.Console.Text.Count);
    }

    [Fact]
    public async Task Directories_that_link_to_each_other_come_to_an_end()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(
            "i=0; while [ $i -lt 30 ]; do mkdir d$i; ln -s ../d$((i+1)) d$i/a; ln -s ../d$((i+1)) d$i/b; i=$((i+1)); done; mkdir d30; ln -s ../d0 d30/back"
        );

        Assert.Empty(outcome.Files);
        Assert.Equal(101, execution.Console.Text.Count);
        Assert.EndsWith(" more", execution.Console.Text[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_whose_names_are_not_text_are_sent()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync(
            "echo x > \"$(printf 'bad-\\377')\"; echo y > 'good-\uFFFD'; echo z > \"$(printf 'two\\nlines')\""
        );

        Assert.Equal(
            [
                [.. "bad-"u8, 0xff],
                [.. "good-\uFFFD"u8],
                [.. "two\nlines"u8],
            ],
            outcome.Files.Select(file => file.Path.Bytes.Span.ToArray())
        );
        Assert.Empty(execution.Console.Text);
    }

    [Theory]
    [InlineData(3L, null, "the job left more than 3 artifacts (limit: max-artifacts)")]
    [InlineData(
        null,
        4999L,
        "the artifacts of the job are larger than 4999 bytes together (limit: max-artifact-bytes); \"c\" has 3000 bytes"
    )]
    public async Task A_job_that_leaves_more_than_it_may_has_failed_and_says_which_limit(long? count, long? bytes, string reason)
    {
        await using var execution = new Execution
        {
            Limits = new JobLimits { MaxArtifacts = count, MaxArtifactBytes = bytes },
        };

        using var outcome = await execution.RunAsync(
            "head -c 1000 /dev/zero > a; head -c 1000 /dev/zero > b; head -c 3000 /dev/zero > c; : > d"
        );

        Assert.Equal(new ExecutionResult.Message(ByteString.FromUtf8(reason)), outcome.Result);
        Assert.Empty(outcome.Files);
        Assert.Equal([$"builder: {reason}"], execution.Console.Text);
    }

    [Fact]
    public async Task Files_that_cannot_be_read_or_sent_are_named_on_the_console()
    {
        await using var execution = new Execution();

        using var outcome = await execution.RunAsync("echo small > small; echo x > closed; chmod 000 closed; mkdir shut; chmod 000 shut");

        Assert.Contains("small", outcome.Files.Select(file => file.Path.ToString()));
        if (Environment.UserName != "root")
        {
            Assert.Equal("builder: not part of the result: \"closed\": cannot read the file: Permission denied", execution.Console.Text[0]);
            Assert.Contains(
                "builder: not part of the result: \"shut\": cannot read the directory: Permission denied",
                execution.Console.Text
            );
        }
    }

    [Fact]
    public async Task A_directory_is_removed_however_deep_long_named_or_closed_it_is()
    {
        await using var execution = new Execution();

        using (
            var outcome = await execution.RunAsync(
                """
                mkdir -p closed/inner; echo x > closed/inner/file; chmod 500 closed/inner closed
                mkdir -p none/inner; chmod 000 none/inner; chmod 000 none
                mkdir "$(printf 'bad-\377')"; : > "$(printf 'bad-\377/\376')"
                name=$(head -c 200 /dev/zero | tr '\0' d)
                i=0; while [ $i -lt 60 ]; do mkdir $name; cd -P $name; i=$((i+1)); done
                echo deep > file
                """
            )
        )
        {
            Assert.Contains(execution.Console.Text, line => line.EndsWith("File name too long", StringComparison.Ordinal));
            Assert.Equal(["bad-\uFFFD/\uFFFD", "closed/inner/file"], outcome.Files.Select(file => file.Path.ToString()));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(execution.WorkDirectory));
    }

    [Theory]
    [InlineData("i=0; while [ $i -lt 20 ]; do mkdir -p ../removed-$i/x ../.removed-$i/x; : > ../removed-$i/x/y; i=$((i+1)); done")]
    [InlineData("mkdir \"$(printf 'a\\nb')\" ' ' -- '-rf'; : > \"$(printf '\\001')\"; ln -s / root; ln -s . self; mkfifo pipe")]
    [InlineData("mkdir shut; mkdir shut/inner; : > shut/inner/file; chmod 000 shut/inner shut; chmod 000 . ..")]
    [InlineData("cd ..; mv job moved; mkdir job; : > job/other")]
    [InlineData("cd ../..; mv builder-* builder-moved-$$")]
    [InlineData(
        "[ $(id -u) != 0 ] || { : > fixed; mkdir fast; : > fast/file; chattr +i fixed fast/file fast; chattr +a . ; } 2>/dev/null || :"
    )]
    [InlineData("[ $(id -u) != 0 ] || { mkdir \"a b\" proc; mount --bind /etc/dpkg 'a b' && mount -t proc proc proc; } 2>/dev/null || :")]
    public async Task Odd_trees_of_a_job_are_removed_and_nothing_else_is(string script)
    {
        await using var execution = new Execution();

        (await execution.RunAsync(script)).Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries(execution.WorkDirectory));
        Assert.NotEmpty(Directory.EnumerateFileSystemEntries("/etc/dpkg"));
    }

    [Fact]
    public void The_trial_of_room_follows_no_link()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["precious"], "kept");
        File.CreateSymbolicLink(directory[$"builder-room-{Environment.ProcessId}"], directory["precious"]);

        JobDirectory.CheckRoom(directory.Path);

        Assert.Equal("kept", File.ReadAllText(directory["precious"]));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(directory.Path).Count());
    }

    private static string Content(LeftFile file)
    {
        using var reader = new StreamReader(file.Open());
        return reader.ReadToEnd();
    }
}
