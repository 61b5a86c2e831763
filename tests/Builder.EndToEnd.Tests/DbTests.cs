using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Builder.Protocol.Messages;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

public sealed class DbTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private string Data => directory["datadir"];

    [Fact]
    public async Task A_directory_of_the_field_comes_up_is_looked_after_and_goes_back()
    {
        await using (var archive = Vectors.Open("db/v17-after-rollback-2023-09-14.tar.gz"))
        await using (var unzipped = new GZipStream(archive, CompressionMode.Decompress))
            await TarFile.ExtractToDirectoryAsync(unzipped, directory.Path, overwriteFiles: false, TestContext.Current.CancellationToken);

        Assert.Contains("schema version 17", await FailsAsync("db", "user-list"), StringComparison.Ordinal);
        Assert.Contains("version 17; the newest is", await SucceedsAsync("migrations"), StringComparison.Ordinal);
        await SucceedsAsync("db", "migrate");
        Assert.Contains("Nothing is wrong", await SucceedsAsync("db", "verify-data-dir"), StringComparison.Ordinal);
        Assert.Contains("Nothing is wrong", await SucceedsAsync("db", "verify-input-id"), StringComparison.Ordinal);
        Assert.Contains("restr\trestricted to hello", await SucceedsAsync("db", "user-list"), StringComparison.Ordinal);

        var dryRun = await SucceedsAsync("db", "vacuum", "except-latest", "1", "--job", "tool", "--dry-run");
        Assert.Contains("2 builds would be removed", dryRun, StringComparison.Ordinal);
        Assert.Contains(
            "7b1f6dff-14d8-42df-ab7d-a9487be0612d\ttool\tdebian-12\t2026-11-03T02:00:00Z\tsuccessful",
            dryRun,
            StringComparison.Ordinal
        );
        await SucceedsAsync("db", "vacuum", "except-latest", "1", "--job", "tool");
        Assert.Contains(
            "There is no build 7b1f6dff-14d8-42df-ab7d-a9487be0612d",
            await FailsAsync("db", "extract-build", "7b1f6dff-14d8-42df-ab7d-a9487be0612d"),
            StringComparison.Ordinal
        );

        await SucceedsAsync("db", "extract-build", "ae7be26c-daa7-42ca-9480-68d5ac90eaca", "--dest", directory["hello.full"]);
        var exec = ExecCodec.Decode(await File.ReadAllBytesAsync(directory["hello.full"], TestContext.Current.CancellationToken));
        Assert.Equal(("hello", 5), (exec.Job.Name.ToString(), exec.Output.Count));

        await SucceedsAsync("db", "backup", directory["backup"]);
        File.Delete(Directory.EnumerateFiles(Path.Combine(Data, "_artifacts"), "*", SearchOption.AllDirectories).First());
        Assert.Contains("missing\t_artifacts/", await FailsAsync("db", "verify-data-dir"), StringComparison.Ordinal);
        var (backup, output) = await BuilderProcess.RunAsync(["db", "verify-data-dir", "-d", directory["backup"]]);
        Assert.True(backup == 0, output);

        // The steps between versions of ours move no files.
        var rolledBack = "";
        while (!(await SucceedsAsync("migrations")).Contains("version 18;", StringComparison.Ordinal))
            rolledBack = await SucceedsAsync("migrations", "rollback");
        Assert.Contains($"moved to {Data}.rolled-back: _backup.lock", rolledBack, StringComparison.Ordinal);
        Assert.Equal(
            ["_artifacts", "_staging", "builder.sqlite3", "hello", "plain", "tool"],
            Directory.EnumerateFileSystemEntries(Data).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Contains("version 18; the newest is", await SucceedsAsync("migrations"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Builds_of_one_input_with_different_binaries_are_listed_as_lines_and_as_JSON()
    {
        await using (var archive = Vectors.Open("web/datadir.tar.gz"))
        await using (var unzipped = new GZipStream(archive, CompressionMode.Decompress))
            await TarFile.ExtractToDirectoryAsync(unzipped, directory.Path, overwriteFiles: false, TestContext.Current.CancellationToken);
        Directory.Move(directory["web"], Data);
        await SucceedsAsync("db", "migrate");

        var lines = (await SucceedsAsync("db", "list-unreproducible")).Split('\n');
        var json = await SucceedsAsync("db", "list-unreproducible", "--json");

        var builds = lines.Where(line => line.Contains('\t', StringComparison.Ordinal)).Select(line => line.Split('\t')).ToList();
        Assert.Equal(3, builds.Count);
        Assert.All(builds, build => Assert.Equal(7, build.Length));
        Assert.All(
            builds.GroupBy(build => (build[0], build[1])),
            input => Assert.True(input.Select(build => build[5]).Distinct().Count() > 1)
        );
        using var document = JsonDocument.Parse(json);
        Assert.Equal(
            builds.Select(build => build[2]),
            document
                .RootElement.EnumerateArray()
                .SelectMany(input => input.GetProperty("builds").EnumerateArray())
                .Select(build => build.GetProperty("uuid").GetString())
        );
        Assert.Contains("no job \"absent\"", await FailsAsync("db", "list-unreproducible", "--job", "absent"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_are_added_with_a_password_of_one_line_and_errors_say_what_mends_them()
    {
        Assert.Contains("builder db migrate", await FailsAsync("db", "user-list"), StringComparison.Ordinal);
        await SucceedsAsync("db", "migrate");

        var (added, output) = await BuilderProcess.RunAsync(["db", "user-add", "anna", "--unrestricted", "-d", Data], input: "secret\n");
        Assert.True(added == 0, output);
        var (again, _) = await BuilderProcess.RunAsync(["db", "user-add", "anna", "-d", Data], input: "secret\n");
        Assert.Equal(1, again);
        var (empty, reason) = await BuilderProcess.RunAsync(["db", "user-add", "berta", "-d", Data], input: "");
        Assert.Equal(1, empty);
        Assert.Contains("No password", reason, StringComparison.Ordinal);
        string[][] misunderstood =
        [
            ["vacuum", "except-latest", "0"],
            ["vacuum", "older-than", "yesterday"],
            ["vacuum", "except-latest", "1", "--job", "good", "--job", "_bad"],
            ["vacuum", "except-latest", "1", "--platform", ""],
            ["extract-build", "1"],
            ["job-remove", "../up"],
            ["access-add", "anna", "_artifacts"],
        ];
        foreach (var line in misunderstood)
        {
            var (usage, complaint) = await BuilderProcess.RunAsync(["db", .. line, "-d", Data]);
            Assert.True(
                usage == 2 && complaint.Contains(line[^1], StringComparison.Ordinal),
                $"{string.Join(' ', line)}: exit code {usage}: {complaint}"
            );
        }

        Assert.Contains("anna\tunrestricted", await SucceedsAsync("db", "user-list"), StringComparison.Ordinal);
        await SucceedsAsync("db", "user-disable", "anna");
        Assert.Contains("disabled", await SucceedsAsync("db", "user-list"), StringComparison.Ordinal);
        Assert.Contains("no user \"berta\"", await FailsAsync("db", "access-add", "berta", "hello"), StringComparison.Ordinal);
        await SucceedsAsync("db", "user-remove", "anna");
    }

    [Fact]
    public async Task A_password_is_asked_for_twice_on_a_terminal_and_Ctrl_C_ends_the_question()
    {
        await SucceedsAsync("db", "migrate");
        var (added, shown) = await OnTerminalAsync(
            ["db", "user-add", "anna", "--unrestricted", "-d", Data],
            ("Password for anna: ", "secret\r"),
            ("The same again: ", "secret\r")
        );
        Assert.Equal(0, added);
        Assert.DoesNotContain("secret", shown, StringComparison.Ordinal);
        Assert.Contains("anna\tunrestricted", await SucceedsAsync("db", "user-list"), StringComparison.Ordinal);

        var (givenUp, _) = await OnTerminalAsync(["db", "user-add", "berta", "-d", Data], ("Password for berta: ", "sec\u0003"));
        Assert.Equal(130, givenUp);
        Assert.DoesNotContain("berta", await SucceedsAsync("db", "user-list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_cannot_be_used_is_named_with_what_mends_it()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "builder.sqlite3"), new string('x', 9000), TestContext.Current.CancellationToken);
        foreach (var command in new[] { "db user-list", "db migrate", "db verify-data-dir", "migrations", "web --port 0" })
            Assert.Contains(
                $"builder: {Data}/builder.sqlite3 is no SQLite database",
                await FailsAsync(command.Split(' ')),
                StringComparison.Ordinal
            );
        // A directory that turned out to be another program's stays as it was.
        Assert.Single(Directory.GetFileSystemEntries(Data));

        Assert.Contains(
            "is a file, where a directory is needed",
            await FailsAsync("db", "migrate", "-d", Path.Combine(Data, "builder.sqlite3")),
            StringComparison.Ordinal
        );
        var (usage, complaint) = await BuilderProcess.RunAsync(["db", "user-list", "-d", ""]);
        Assert.Equal(2, usage);
        Assert.Contains("--datadir is empty", complaint, StringComparison.Ordinal);
        Assert.Contains(
            "builder: PostgreSQL database \"b\" on /nowhere cannot be reached",
            await FailsAsync("db", "user-list", "--database", "Host=/nowhere;Database=b;Username=u"),
            StringComparison.Ordinal
        );
    }

    public void Dispose() => directory.Dispose();

    /// <summary>Runs on a terminal of its own and answers each question when it is asked.</summary>
    private static async Task<(int ExitCode, string Shown)> OnTerminalAsync(
        IEnumerable<string> arguments,
        params (string Question, string Answer)[] answers
    )
    {
        using var patience = new CancellationTokenSource(BuilderProcess.Patience);
        var command = string.Join(' ', arguments.Prepend(BuilderProcess.Executable).Select(word => $"'{word}'"));
        Requirement.Programs("script");
        var start = new ProcessStartInfo("script", ["--quiet", "--return", "--flush", "--command", command, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var terminal = Process.Start(start)!;
        try
        {
            var shown = new StringBuilder();
            var piece = new char[256];
            var answered = 0;
            int count;
            while ((count = await terminal.StandardOutput.ReadAsync(piece, patience.Token)) > 0)
            {
                shown.Append(piece, 0, count);
                if (answered == answers.Length || !shown.ToString().Contains(answers[answered].Question, StringComparison.Ordinal))
                    continue;
                await terminal.StandardInput.WriteAsync(answers[answered++].Answer);
                await terminal.StandardInput.FlushAsync(patience.Token);
            }
            await terminal.WaitForExitAsync(patience.Token);
            return (terminal.ExitCode, shown.ToString());
        }
        finally
        {
            if (!terminal.HasExited)
                terminal.Kill(entireProcessTree: true);
        }
    }

    private async Task<string> SucceedsAsync(params string[] arguments)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync([.. arguments, "-d", Data]);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)}: exit code {exitCode}: {output}");
        return output;
    }

    private async Task<string> FailsAsync(params string[] arguments)
    {
        var (exitCode, output) = await BuilderProcess.RunAsync(arguments.Contains("-d") ? arguments : [.. arguments, "-d", Data]);
        Assert.True(exitCode == 1, $"{string.Join(' ', arguments)}: exit code {exitCode}: {output}");
        return output;
    }
}
