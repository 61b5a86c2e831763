using System.Security.Cryptography;
using System.Text;
using Builder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.EndToEnd.Tests;

/// <summary><c>builder record</c> as a job calls it: real downloads, and the package managers of other systems.</summary>
public sealed class RecordCommandTests
{
    private static readonly byte[] Archive = Encoding.UTF8.GetBytes(new string('x', 300_000));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Archive));

    [Fact]
    public async Task A_download_is_there_for_the_command_and_stands_in_the_list()
    {
        await using var web = await ServeAsync();
        using var directory = new TemporaryDirectory();
        var url = $"{web.Urls.First()}/x.tar.gz";

        var (exitCode, output) = await RecordAsync(
            directory,
            "--download",
            $"{url}#sha256={Digest}",
            "--",
            "sh",
            "-c",
            "test -f build-inputs && wc -c < x.tar.gz; exit 7"
        );

        Assert.True(exitCode == 7, output);
        Assert.Contains("300000", output, StringComparison.Ordinal);
        Assert.Equal($"{Digest}  {url}\n", await File.ReadAllTextAsync(directory["build-inputs"], Stop));
        Assert.True(File.Exists(directory["build-environment"]) && File.Exists(directory["system-packages"]));
    }

    [Theory]
    [InlineData("x.tar.gz#sha256=2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "SHA-256 mismatch")]
    [InlineData("missing.tar.gz", "404")]
    public async Task Without_the_right_bytes_the_command_does_not_run(string path, string why)
    {
        await using var web = await ServeAsync();
        using var directory = new TemporaryDirectory();

        var (exitCode, output) = await RecordAsync(directory, "--download", $"{web.Urls.First()}/{path}", "--", "touch", "ran");

        Assert.NotEqual(0, exitCode);
        Assert.Contains(why, output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    /// <summary>Stand-ins that print what the programs print, in an order of their own, and refuse other questions than theirs.</summary>
    [Theory]
    [InlineData(
        "rpm",
        "-qa --queryformat %{NAME}=%{VERSION}-%{RELEASE}.%{ARCH}\\n",
        "gcc=14.2.1-3.fc41.x86_64\nbash=5.2.32-1.fc41.x86_64\n",
        "bash=5.2.32-1.fc41.x86_64\ngcc=14.2.1-3.fc41.x86_64\n"
    )]
    [InlineData("apk", "info -v", "musl-1.2.5-r0\nbusybox-1.36.1-r29\n", "busybox-1.36.1-r29\nmusl-1.2.5-r0\n")]
    [InlineData("pkg", "query %n-%v", "zstd-1.5.6\nocaml-4.14.2_1\n", "ocaml-4.14.2_1\nzstd-1.5.6\n")]
    public async Task Packages_of_other_systems_are_listed_in_one_order(string program, string question, string printed, string recorded)
    {
        using var directory = new TemporaryDirectory();
        using var programs = new TemporaryDirectory();
        await File.WriteAllTextAsync(programs["printed"], printed, Stop);
        await File.WriteAllTextAsync(
            programs[program],
            $"#!/bin/sh\n[ \"$*\" = '{question}' ] || [ \"$*\" = '{question.Replace("\\n", "\n", StringComparison.Ordinal)}' ] || exit 9\n/bin/cat {programs["printed"]}\n",
            Stop
        );
        File.SetUnixFileMode(programs[program], (UnixFileMode)0b111_101_101);

        var (exitCode, output) = await RecordAsync(directory, [], programs.Path);

        Assert.True(exitCode == 0, output);
        Assert.Equal(recorded, await File.ReadAllTextAsync(directory["system-packages"], Stop));
    }

    [Fact]
    public async Task A_package_manager_that_fails_is_named()
    {
        using var directory = new TemporaryDirectory();
        using var programs = new TemporaryDirectory();
        await File.WriteAllTextAsync(programs["apk"], "#!/bin/sh\necho 'database is locked' >&2\nexit 1\n", Stop);
        File.SetUnixFileMode(programs["apk"], (UnixFileMode)0b111_101_101);

        var (exitCode, output) = await RecordAsync(directory, [], programs.Path);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("apk", output, StringComparison.Ordinal);
        Assert.False(File.Exists(directory["system-packages"]));
    }

    private static Task<(int ExitCode, string Output)> RecordAsync(TemporaryDirectory directory, params string[] arguments) =>
        RecordAsync(directory, arguments, Environment.GetEnvironmentVariable("PATH")!);

    private static async Task<(int ExitCode, string Output)> RecordAsync(TemporaryDirectory directory, string[] arguments, string path)
    {
        await using var record = BuilderProcess.Start(
            ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", directory.Path, BuilderProcess.Executable],
            ["record", .. arguments],
            [KeyValuePair.Create("PATH", path)]
        );
        return (await record.ExitAsync(), record.Transcript);
    }

    private static async Task<WebApplication> ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.MapGet("/x.tar.gz", () => Results.Bytes(Archive));
        await server.StartAsync(Stop);
        return server;
    }
}
