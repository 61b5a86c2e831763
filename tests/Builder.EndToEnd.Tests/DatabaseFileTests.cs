using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>Connection strings from files and credentials, on real processes with PostgreSQL.</summary>
public sealed class DatabaseFileTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>, IDisposable
{
    private const string Warning =
        "--database holds a password, which every user of this machine can read in the list of processes: use --database-file";

    private readonly TemporaryDirectory directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_site_reads_its_connection_from_a_file_and_no_argument_list_holds_the_password()
    {
        var connection = await ConnectionAsync();
        var file = await SecretAsync("connection", connection + "\n");
        await SucceedsAsync("", "db", "migrate", "--datadir", directory["web"], "--database-file", file);
        await using var web = BuilderProcess.Start(
            "web",
            "--port",
            "0",
            "--datadir",
            directory["web"],
            "--configdir",
            directory["config"],
            "--database-file",
            file
        );
        await web.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));

        Assert.DoesNotContain("geheim", await File.ReadAllTextAsync($"/proc/{web.Id}/cmdline", Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain("warning", web.Transcript, StringComparison.Ordinal);
        Assert.False(File.Exists(directory["web/builder.sqlite3"]));
        Assert.Contains(
            "version",
            await SucceedsAsync("", "migrations", "--datadir", directory["web"], "--database-file", file),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_password_in_an_argument_works_and_warns_once_in_each_command()
    {
        var connection = await ConnectionAsync();
        await using (
            var web = BuilderProcess.Start(
                "web",
                "--port",
                "0",
                "--datadir",
                directory["web"],
                "--configdir",
                directory["config"],
                "--database",
                connection
            )
        )
        {
            Assert.Equal(1, await web.ExitAsync());
            Assert.Single(web.Transcript.Split('\n'), line => line.Contains(Warning, StringComparison.Ordinal));
            Assert.DoesNotContain("geheim", web.Transcript, StringComparison.Ordinal);
        }
        foreach (
            var command in (string[][])
                [
                    ["db", "migrate"],
                    ["db", "backup", directory["backup"]],
                    ["migrations"],
                    ["db", "vacuum", "except-latest", "1"],
                ]
        )
        {
            var output = await SucceedsAsync("", [.. command, "--datadir", directory["web"], "--database", connection]);
            Assert.Single(output.Split('\n'), line => line.Contains(Warning, StringComparison.Ordinal));
            Assert.DoesNotContain("geheim", output, StringComparison.Ordinal);
        }
        var without = await SucceedsAsync(
            "",
            "db",
            "user-list",
            "--datadir",
            directory["web"],
            "--database",
            connection.Replace("Password=geheim;", "", StringComparison.Ordinal)
        );
        Assert.DoesNotContain("warning", without, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_go_to_the_connection_of_a_file()
    {
        await SucceedsAsync("", "db", "migrate", "--datadir", directory["web"]);
        await SucceedsAsync("p\n", "db", "user-add", "anna", "--datadir", directory["web"]);
        var connection = await ConnectionAsync();
        await SucceedsAsync("", "db", "copy", "--datadir", directory["web"], "--to-file", await SecretAsync("to", connection));

        var credentials = Path.GetDirectoryName(await SecretAsync("credentials/database", connection))!;
        await using var list = BuilderProcess.Start(
            ["db", "user-list", "--datadir", directory["empty"]],
            new Dictionary<string, string>
            {
                ["CREDENTIALS_DIRECTORY"] = credentials,
                ["BUILDER_DATABASE"] = "Host=/nowhere;Database=b;Username=u",
            }
        );
        Assert.Equal(0, await list.ExitAsync());
        Assert.Contains("anna", list.Transcript, StringComparison.Ordinal);

        // The file goes before the argument, and says so.
        var output = await SucceedsAsync(
            "",
            "db",
            "user-list",
            "--datadir",
            directory["empty"],
            "--database",
            "Host=/nowhere;Database=b;Username=u",
            "--database-file",
            directory["to"]
        );
        Assert.Contains("anna", output, StringComparison.Ordinal);
        Assert.Contains("builder: warning: --database is not used: --database-file is given too", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("db user-list --database-file FILE.not", null, 1, "cannot read --database-file \"FILE.not\": no such file or directory")]
    [InlineData("db user-list --database-file FILE", "", 1, "--database-file \"FILE\" is empty")]
    [InlineData(
        "db user-list --database-file FILE",
        "Password=geheim;nonsense",
        1,
        "--database-file: \"Host=/run/postgresql;Database=builder\" would be a connection"
    )]
    [InlineData("db copy", null, 2, "db copy needs --to CONNECTION, --to-file")]
    [InlineData("db copy --to sqlite --to-file FILE", null, 2, "db copy takes either --to CONNECTION or --to-file")]
    [InlineData("db user-list --database Host=x;Password=geheim --database Host=x;Password=geheim", null, 2, "--database is given twice")]
    public async Task What_cannot_be_is_an_error_that_does_not_show_the_password(string line, string? content, int code, string error)
    {
        if (content is not null)
            await SecretAsync("FILE", content);
        var (exitCode, output) = await BuilderProcess.RunAsync([
            .. line.Split(' ').Select(word => word.Replace("FILE", directory["FILE"], StringComparison.Ordinal)),
            "--datadir",
            directory["web"],
        ]);
        Assert.Equal(code, exitCode);
        Assert.Contains(error.Replace("FILE", directory["FILE"], StringComparison.Ordinal), output, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", output, StringComparison.Ordinal);
    }

    public void Dispose() => directory.Dispose();

    /// <summary>Of an empty database, with a password that the server there does not ask for.</summary>
    private async Task<string> ConnectionAsync()
    {
        Requirement.PostgreSql();
        return $"Password=geheim;{await server.CreateDatabaseAsync(Cancellation)}";
    }

    private async Task<string> SecretAsync(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory[name])!);
        await File.WriteAllTextAsync(directory[name], content, Cancellation);
        File.SetUnixFileMode(directory[name], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return directory[name];
    }

    private static async Task<string> SucceedsAsync(string input, params string[] arguments)
    {
        var (code, output) = await BuilderProcess.RunAsync(arguments, input);
        Assert.True(code == 0, output);
        return output;
    }
}
