using System.Text;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>The password of uploads, from each place that it may be in, on real processes: builds arrive, and the argument list does not hold it.</summary>
public sealed class UploadPasswordTests : IAsyncDisposable
{
    private const string Variable = "BUILDER_UPLOAD_PASSWORD";

    /// <summary>All that an URL has a meaning for.</summary>
    private const string Password = "s:ä%40 @/?#+";

    private const string User = "b@r/m";

    private readonly TemporaryDirectory directory = new();
    private BuilderProcess? web;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("file")]
    [InlineData("credential")]
    [InlineData("environment")]
    public async Task Each_source_uploads_and_the_argument_list_of_no_process_holds_the_password(string source)
    {
        var site = await StartSiteAsync();
        await using var server = await StartServerAsync(
            [
                "--upload",
                $"{site}upload",
                "--upload-user",
                User,
                .. source == "file" ? ["--upload-password-file", Secret("pw", Password + "\n")] : Array.Empty<string>(),
            ],
            source switch
            {
                "credential" => new()
                {
                    ["CREDENTIALS_DIRECTORY"] = Path.GetDirectoryName(Secret("credentials/upload-password", Password))!,
                },
                "environment" => new() { [Variable] = Password },
                _ => [],
            }
        );
        var arguments = await File.ReadAllTextAsync($"/proc/{server.Process.Id}/cmdline", Cancellation);
        Assert.Contains("--upload-user", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain("%40 @", arguments, StringComparison.Ordinal);

        await BuildAsync(server.Remote, []);
        await server.Process.LineAsync(line => line.Contains("of job hello uploaded", StringComparison.Ordinal));
        Assert.DoesNotContain("warning", server.Process.Transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("%40 @", server.Process.Transcript + web!.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_and_password_in_the_URL_go_on_working_and_warn_once_without_the_password()
    {
        var site = await StartSiteAsync();
        var url = $"http://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@{site.Authority}/upload";
        await using var server = await StartServerAsync(["--upload", url], []);
        await BuildAsync(server.Remote, []);
        await server.Process.LineAsync(line => line.Contains("of job hello uploaded", StringComparison.Ordinal));

        var warning = Assert.Single(server.Process.Transcript.Split('\n'), line => line.Contains("warning", StringComparison.Ordinal));
        Assert.Contains(
            "--upload holds a password, which every user of this machine can read in the list of processes: use --upload-password-file",
            warning,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("%40", server.Process.Transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("ä", server.Process.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_goes_before_a_credential_before_the_environment_before_the_URL()
    {
        var site = await StartSiteAsync();
        var url = $"http://{Uri.EscapeDataString(User)}:wrong-in-url@{site.Authority}/upload";
        var wrongFile = Secret("credentials/upload-password", "wrong-in-credential");
        string[] withFile = ["--upload", url, "--upload-password-file", Secret("pw", Password)];
        Dictionary<string, string> wrong = new()
        {
            ["CREDENTIALS_DIRECTORY"] = Path.GetDirectoryName(wrongFile)!,
            [Variable] = "wrong-in-environment",
        };
        await using (var file = await StartServerAsync(withFile, wrong))
        {
            await BuildAsync(file.Remote, []);
            await file.Process.LineAsync(line => line.Contains("of job hello uploaded", StringComparison.Ordinal));
            Assert.Contains(
                "It is not used, --upload-password-file is: take it out of the URL",
                file.Process.Transcript,
                StringComparison.Ordinal
            );
            Assert.DoesNotContain("wrong", file.Process.Transcript, StringComparison.Ordinal);
        }

        Secret("credentials/upload-password", Password);
        await using (var credential = await StartServerAsync(["--upload", url], wrong))
        {
            await BuildAsync(credential.Remote, []);
            await credential.Process.LineAsync(line => line.Contains("of job hello uploaded", StringComparison.Ordinal));
            Assert.Contains("It is not used, the credential upload-password is", credential.Process.Transcript, StringComparison.Ordinal);
        }

        await using var environment = await StartServerAsync(["--upload", url], new() { [Variable] = Password });
        await BuildAsync(environment.Remote, []);
        await environment.Process.LineAsync(line => line.Contains("of job hello uploaded", StringComparison.Ordinal));
        Assert.Contains($"It is not used, ${Variable} is", environment.Process.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_jobs_nor_hooks_nor_the_workers_of_up_inherit_the_variable()
    {
        foreach (var folder in (string[])["upload-hooks", "failure-hooks"])
        {
            Directory.CreateDirectory(directory[$"config/{folder}"]);
            await File.WriteAllTextAsync(
                directory[$"config/{folder}/env.sh"],
                $"#!/bin/sh\nenv >{directory["hook.part"]} && mv {directory["hook.part"]} {directory["hook"]}\n",
                Cancellation
            );
            File.SetUnixFileMode(directory[$"config/{folder}/env.sh"], (UnixFileMode)0b111_101_101);
        }
        Dictionary<string, string> environment = new() { [Variable] = Password };
        var site = await StartSiteAsync(environment);
        await using var server = await StartServerAsync(["--upload", $"{site}upload", "--upload-user", User], environment);

        await BuildAsync(server.Remote, environment, "--env", Variable, "--env", "OTHER=it-is-there");
        await server.Process.LineAsync(line => line.Contains("of job hello uploaded", StringComparison.Ordinal));
        var console = await File.ReadAllTextAsync(
            Directory.EnumerateFiles(directory["web"], "console.txt", SearchOption.AllDirectories).Single(),
            Cancellation
        );
        Assert.Contains("OTHER=it-is-there", console, StringComparison.Ordinal);
        Assert.DoesNotContain(Variable, console, StringComparison.Ordinal);
        Assert.DoesNotContain(Variable, await EventuallyReadAsync(directory["hook"]), StringComparison.Ordinal);

        await using var up = BuilderProcess.Start(["up", "--datadir", directory["up"], "--port", "0", "--workers", "1"], environment);
        await UpTests.AddressAsync(up);
        await up.LineAsync(line => line.Contains("waiting for jobs", StringComparison.Ordinal));
        var children = await Descendants(up.Id);
        Assert.NotEmpty(children);
        foreach (var child in children)
            Assert.DoesNotContain(Variable, await File.ReadAllTextAsync($"/proc/{child}/environ", Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--upload-user u", null, null, 2, "--upload-user is for --upload; add that")]
    [InlineData("--upload-password-file FILE", "x", null, 2, "--upload-password-file is for --upload; add that")]
    [InlineData("--upload http://h/ --upload-user a:b", null, null, 2, "the user \"a:b\" contains a colon")]
    [InlineData("--upload http://a%3Ab:geheim@h/", null, null, 2, "the user \"a:b\" contains a colon")]
    [InlineData("--upload http://h/ --upload-user u", null, null, 2, "there is no password for the upload user \"u\"")]
    [InlineData("--upload http://u@h/", null, null, 2, "there is no password for the upload user \"u\"")]
    [InlineData("--upload http://:geheim@h/", null, null, 2, "there is no upload user for the password of --upload: use --upload-user")]
    [InlineData(
        "--upload http://h/ --upload-password-file FILE",
        "geheim",
        null,
        2,
        "there is no upload user for the password of --upload-password-file"
    )]
    [InlineData("--upload http://h/", null, "geheim", 2, "there is no upload user for the password of $BUILDER_UPLOAD_PASSWORD")]
    [InlineData("--upload http://u:geheim@h/ --upload-user v", null, null, 2, "--upload-user \"v\" and the user \"u\" of --upload differ")]
    [InlineData("--upload http://u:%ff%fe@h/", null, null, 2, "--upload: user and password are not UTF-8")]
    [InlineData("--upload http://u:@h/", null, null, 1, "--upload: the password is empty")]
    [InlineData("--upload http://u@h/", null, "", 1, "$BUILDER_UPLOAD_PASSWORD: the password is empty")]
    [InlineData("--upload http://u@h/ --upload-password-file FILE", "", null, 1, "--upload-password-file \"FILE\" is empty")]
    [InlineData("--upload http://u@h/ --upload-password-file FILE", "\n", null, 1, "--upload-password-file \"FILE\" is empty")]
    [InlineData(
        "--upload http://u@h/ --upload-password-file FILE",
        "geheim\nmore\n",
        null,
        1,
        "--upload-password-file: the password has more than one line"
    )]
    [InlineData("--upload http://u@h/ --upload-password-file FILE", "\u00ff", null, 1, "--upload-password-file \"FILE\" is not UTF-8")]
    [InlineData(
        "--upload http://u@h/ --upload-password-file FILE.not",
        null,
        null,
        1,
        "cannot read --upload-password-file \"FILE.not\": no such file or directory"
    )]
    [InlineData(
        "--upload http://u@h/ --upload-password-file /etc",
        null,
        null,
        1,
        "cannot read --upload-password-file \"/etc\": it is a directory"
    )]
    [InlineData(
        "--upload http://u@h/ --upload-password-file /dev/zero",
        null,
        null,
        1,
        "--upload-password-file \"/dev/zero\" is longer than 4096 bytes"
    )]
    [InlineData("--upload u:geheim@h/", null, null, 2, "--upload: \"…@h/\" is not an http or https URL")]
    [InlineData("--upload ftp://u:ge@geheim@h/", null, null, 2, "--upload: \"ftp://…@h/\" is not an http or https URL")]
    [InlineData("--upload http://u:geheim@h/ --upload http://u:geheim@h/", null, null, 2, "--upload is given twice")]
    public async Task What_cannot_be_is_an_error_that_does_not_show_the_password(
        string options,
        string? content,
        string? variable,
        int code,
        string error
    )
    {
        var file = directory["FILE"];
        if (content is not null)
            await File.WriteAllBytesAsync(file, Encoding.Latin1.GetBytes(content), Cancellation);
        await using var server = BuilderProcess.Start(
            [
                "server",
                "--port",
                "0",
                "--dir",
                directory["server"],
                .. options.Split(' ').Select(word => word.Replace("FILE", file, StringComparison.Ordinal)),
            ],
            variable is null ? [] : new Dictionary<string, string> { [Variable] = variable }
        );

        Assert.Equal(code, await server.ExitAsync());
        Assert.Contains(error.Replace("FILE", file, StringComparison.Ordinal), server.Transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", server.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_that_cannot_be_read_is_named_and_one_that_is_absent_is_not_missed()
    {
        Directory.CreateDirectory(directory["credentials/upload-password"]);
        string[] arguments =
        [
            "server",
            "--port",
            "0",
            "--dir",
            directory["server"],
            "--upload",
            "http://127.0.0.1:9/",
            "--upload-user",
            "u",
        ];
        await FailsAsync(
            $"cannot read the credential upload-password \"{directory["credentials/upload-password"]}\": it is a directory",
            directory["credentials"]
        );
        await FailsAsync(
            $"cannot read the credential upload-password \"{directory["gone/upload-password"]}\": $CREDENTIALS_DIRECTORY names a directory that does not exist",
            directory["gone"]
        );

        Directory.CreateDirectory(directory["others"]);
        await using var server = BuilderProcess.Start(
            arguments,
            new Dictionary<string, string> { ["CREDENTIALS_DIRECTORY"] = directory["others"], [Variable] = "x" }
        );
        await server.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));

        async Task FailsAsync(string error, string credentials)
        {
            await using var failing = BuilderProcess.Start(
                arguments,
                new Dictionary<string, string> { ["CREDENTIALS_DIRECTORY"] = credentials }
            );
            Assert.Equal(1, await failing.ExitAsync());
            Assert.Contains(error, failing.Transcript, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_password_file_that_others_can_read_and_a_password_without_uploads_are_warned_of()
    {
        var file = Secret("pw", "geheim");
        File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
        await using (var open = await StartServerAsync(["--upload", "http://u@127.0.0.1:9/", "--upload-password-file", file], []))
            Assert.Contains(
                $"--upload-password-file \"{file}\" can be read by every user of this machine: chmod o-rwx",
                open.Process.Transcript,
                StringComparison.Ordinal
            );

        await using var unused = await StartServerAsync([], new() { [Variable] = "geheim" });
        Assert.Contains($"${Variable} is not used: there is no --upload", unused.Process.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_the_name_of_the_original_program_the_URL_works_and_errors_have_its_exit_code()
    {
        var program = directory["builder-server"];
        File.CreateSymbolicLink(program, BuilderProcess.Executable);
        await using (
            var server = BuilderProcess.Start(
                [program],
                ["--port=0", "--dir", directory["server"], "--upload", "http://u:geheim@127.0.0.1:9/", "-v"],
                []
            )
        )
            await server.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
        await using var failing = BuilderProcess.Start([program], ["--port=0", "--dir", directory["server"], "--upload-user=u"], []);
        Assert.Equal(124, await failing.ExitAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (web is not null)
            await web.DisposeAsync();
        directory.Dispose();
    }

    private async Task<Uri> StartSiteAsync(Dictionary<string, string>? environment = null)
    {
        foreach (
            var (arguments, input) in ((string[], string)[])[(["migrate"], ""), (["user-add", User, "--unrestricted"], Password + "\n")]
        )
        {
            var (code, output) = await BuilderProcess.RunAsync(["db", .. arguments, "--datadir", directory["web"]], input);
            Assert.True(code == 0, output);
        }
        web = BuilderProcess.Start(
            ["web", "--port", "0", "--datadir", directory["web"], "--configdir", directory["config"]],
            environment ?? []
        );
        var line = await web.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
        return new Uri(line[(line.LastIndexOf(' ') + 1)..]);
    }

    private async Task<RunningServer> StartServerAsync(IEnumerable<string> options, Dictionary<string, string> environment)
    {
        var server = BuilderProcess.Start(
            ["server", "--port", "0", "--dir", directory["server"], "--config-dir", directory["config"], .. options],
            environment
        );
        var line = await server.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
        return new RunningServer(server, line.Split(' ')[^1]);
    }

    /// <summary>Builds the job "hello", which prints its environment.</summary>
    private async Task BuildAsync(string remote, Dictionary<string, string> environment, params string[] options)
    {
        await File.WriteAllTextAsync(directory["hello.sh"], "env\n", Cancellation);
        foreach (
            var arguments in (string[][])
                [
                    ["unschedule", "hello"],
                    ["schedule", "hello", "p", directory["hello.sh"], "--period", "never"],
                ]
        )
            await BuilderProcess.RunAsync(["client", "-r", remote, .. arguments]);
        await using var worker = BuilderProcess.Start(["worker", "p", "-r", remote, "--workdir", directory.Path, .. options], environment);
        Assert.Equal(0, await worker.ExitAsync());
    }

    private static async Task<string> EventuallyReadAsync(string path)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!File.Exists(path))
            await timer.WaitForNextTickAsync(Cancellation);
        return await File.ReadAllTextAsync(path, Cancellation);
    }

    private static async Task<List<int>> Descendants(int process)
    {
        var found = new List<int>();
        foreach (var task in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            foreach (
                var child in (await File.ReadAllTextAsync($"{task}/children", Cancellation))
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(int.Parse)
            )
                found.AddRange([child, .. await Descendants(child)]);
        }
        return found;
    }

    private string Secret(string name, string content)
    {
        var path = directory[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private sealed record RunningServer(BuilderProcess Process, string Remote) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
