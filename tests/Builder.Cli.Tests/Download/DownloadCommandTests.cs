using System.Diagnostics;
using System.Security.Cryptography;
using Builder.Testing;

namespace Builder.Cli.Tests.Download;

/// <summary>The program, and a site that may lie or go away.</summary>
public sealed class DownloadCommandTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_artifact_is_downloaded_under_its_name()
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(1));

        var (exitCode, output, error) = await RunAsync(host.Url.Replace(host.Url.Split('/')[6], "latest", StringComparison.Ordinal));

        Assert.Equal((0, "app.hvt: 2,000,000 bytes, downloaded 2,000,000\n", ""), (exitCode, output, error));
        await AssertTargetAsync(host);
        Assert.Equal(["HEAD", "GET"], host.Requests);
    }

    [Fact]
    public async Task A_file_of_an_earlier_build_saves_most_of_the_download_and_leaves_its_mode()
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(2));
        host.Bases.Add(ArtifactHost.Build(1));
        await File.WriteAllBytesAsync(directory["app.hvt"], ArtifactHost.Build(1), Stop);
        File.SetUnixFileMode(directory["app.hvt"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var (exitCode, output, _) = await RunAsync(host.Url);

        Assert.Equal(0, exitCode);
        Assert.Matches(@"^app\.hvt: 2,000,000 bytes, downloaded [1-4],\d{3} \(0\.[0-9] %\) as a patch of /.*/app\.hvt\n$", output);
        await AssertTargetAsync(host);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory["app.hvt"]));
        Assert.Equal(["HEAD", "HEAD dcz", "GET dcz"], host.Requests);

        Assert.Contains("downloaded 0: ", (await RunAsync(host.Url)).Output, StringComparison.Ordinal);
        Assert.Equal(["HEAD"], host.Requests);
    }

    [Fact]
    public async Task Files_in_a_directory_are_offered_by_hash_and_one_that_is_the_artifact_is_copied()
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(3));
        host.Bases.Add(ArtifactHost.Build(1));
        Directory.CreateDirectory(directory["old/a"]);
        await File.WriteAllBytesAsync(directory["old/app.hvt"], [1, 2, 3], Stop);
        await File.WriteAllBytesAsync(directory["old/a/x"], ArtifactHost.Build(1), Stop);

        var patched = await RunAsync(host.Url, "--have", "old", "-o", "new");

        Assert.Equal(0, patched.ExitCode);
        Assert.EndsWith("old/a/x\n", patched.Output, StringComparison.Ordinal);
        await AssertTargetAsync(host, "new");
        Assert.Equal(["HEAD", "HEAD dcz", "HEAD dcz", "GET dcz"], host.Requests);

        var copied = await RunAsync(host.Url, "--have", "new", "--output", "copy");
        Assert.Equal(0, copied.ExitCode);
        Assert.Contains("downloaded 0: ", copied.Output, StringComparison.Ordinal);
        await AssertTargetAsync(host, "copy");
        Assert.Equal(["HEAD"], host.Requests);
    }

    public static TheoryData<string> Damages => ["bit", "cut", "other base", "longer than the artifact", "nothing"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Where_a_patch_is_damaged_the_artifact_is_downloaded(string damage)
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(2));
        host.Bases.Add(ArtifactHost.Build(1));
        host.Damage = patch =>
            damage switch
            {
                "bit" => [.. patch[..^20], (byte)(patch[^20] ^ 1), .. patch[^19..]],
                "cut" => patch[..^9],
                "other base" => [.. patch[..8], .. SHA256.HashData("other"u8), .. patch[40..]],
                "nothing" => [],
                _ => [.. patch, .. new byte[host.Content.Length]],
            };
        await File.WriteAllBytesAsync(directory["app.hvt"], ArtifactHost.Build(1), Stop);

        var (exitCode, output, error) = await RunAsync(host.Url);

        Assert.Equal((0, "app.hvt: 2,000,000 bytes, downloaded 2,000,000\n"), (exitCode, output));
        // One that is no smaller than the artifact is not asked for.
        if (damage == "longer than the artifact")
            Assert.Equal(["HEAD", "HEAD dcz", "GET"], host.Requests);
        else
            Assert.Contains("cannot use the patch of ", error, StringComparison.Ordinal);
        await AssertTargetAsync(host);
    }

    [Fact]
    public async Task Files_that_do_not_fit_into_memory_are_not_offered()
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(1));
        await using (var large = File.Create(directory["large"]))
            large.SetLength((128L << 20) + 1);

        Assert.Equal(0, (await RunAsync(host.Url, "--have", "large")).ExitCode);

        Assert.Equal(["HEAD", "GET"], host.Requests);
    }

    [Fact]
    public async Task Bytes_with_another_hash_than_the_site_says_are_refused_and_the_earlier_file_stays()
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(1));
        host.Digest = SHA256.HashData("other"u8);
        host.Bases.Add("earlier"u8.ToArray());
        await File.WriteAllTextAsync(directory["app.hvt"], "earlier", Stop);

        var (exitCode, output, error) = await RunAsync(host.Url);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"{host.Url}: SHA-256 mismatch: the site says d9298a10", error, StringComparison.Ordinal);
        Assert.Equal("earlier", await File.ReadAllTextAsync(directory["app.hvt"], Stop));
        Assert.Equal([directory["app.hvt"]], Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_download_that_was_killed_is_continued()
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(1));
        host.Instead = async http =>
        {
            http.Response.ContentLength = host.Content.Length;
            await http.Response.Body.WriteAsync(host.Content.AsMemory(0, 1_500_000), http.RequestAborted);
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
            return true;
        };
        using (var process = Start(host.Url))
        {
            while (Parts() is not [var part] || new FileInfo(part).Length < 1_000_000)
            {
                Assert.False(process.HasExited);
                await Task.Delay(20, Stop);
            }
            process.Kill();
            await process.WaitForExitAsync(Stop);
            Assert.Equal(137, process.ExitCode);
        }
        var kept = new FileInfo(Parts().Single()).Length;
        Assert.False(File.Exists(directory["app.hvt"]));
        host.Instead = null;
        Assert.Equal(["HEAD", "GET"], host.Requests);

        var (exitCode, output, _) = await RunAsync(host.Url);

        Assert.Equal(
            (0, FormattableString.Invariant($"app.hvt: 2,000,000 bytes, downloaded {2_000_000 - kept:N0}, continued after {kept:N0}\n")),
            (exitCode, output)
        );
        Assert.Equal(["HEAD", $"GET bytes={kept}-"], host.Requests);
        await AssertTargetAsync(host);
    }

    [Fact]
    public async Task A_connection_that_breaks_leaves_a_part_which_counts_only_where_it_is_right()
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(1));
        host.Instead = async http =>
        {
            http.Response.ContentLength = host.Content.Length;
            await http.Response.Body.WriteAsync(host.Content.AsMemory(0, 500_000), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            http.Abort();
            return true;
        };

        var (exitCode, output, error) = await RunAsync(host.Url);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"cannot download {host.Url}: ", error, StringComparison.Ordinal);
        Assert.Contains(" of 2,000,000 bytes; run the same command again to continue", error, StringComparison.Ordinal);

        host.Instead = null;
        // As after a crash of the machine.
        await using (var damaged = File.Create(directory[Name(host)]))
            damaged.SetLength(500_000);
        var again = await RunAsync(host.Url);
        Assert.Equal((0, "app.hvt: 2,000,000 bytes, downloaded 3,500,000\n"), (again.ExitCode, again.Output));
        Assert.Contains("the earlier part of this download is damaged", again.Error, StringComparison.Ordinal);
        await AssertTargetAsync(host);
    }

    public static TheoryData<string, int, string> Lies =>
        new()
        {
            { "endless", 0, "downloaded 2,000,000" },
            { "whole instead of a part", 0, "downloaded 2,000,000" },
            { "another part", 1, "the site sends another range than the one requested" },
            { "huge", 1, "the site announced 2,000,000 bytes, then 9,000,000,000,000" },
            { "gzip", 1, "the site sends the content coding gzip, which was not requested" },
            { "no such range", 0, "downloaded 2,000,000" },
            { "short", 1, "the site ended the answer after 10 of 2,000,000 bytes; run the same command again to continue" },
        };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_a_site_sends_is_bounded_and_checked(string lie, int expected, string message)
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(1));
        if (lie is "whole instead of a part" or "another part" or "no such range")
            await File.WriteAllBytesAsync(directory[Name(host)], host.Content[..100], Stop);
        host.Instead = async http =>
        {
            var response = http.Response;
            switch (lie)
            {
                case "endless":
                    await response.Body.WriteAsync(host.Content, http.RequestAborted);
                    while (!http.RequestAborted.IsCancellationRequested)
                        await response.Body.WriteAsync(host.Content, http.RequestAborted);
                    return true;
                case "whole instead of a part":
                    await response.Body.WriteAsync(host.Content, http.RequestAborted);
                    return true;
                case "another part":
                    response.StatusCode = 206;
                    response.Headers.ContentRange = "bytes 200-1999999/2000000";
                    await response.Body.WriteAsync(host.Content.AsMemory(200), http.RequestAborted);
                    return true;
                case "huge":
                    response.ContentLength = 9_000_000_000_000;
                    await response.Body.WriteAsync(host.Content, http.RequestAborted);
                    return true;
                case "gzip":
                    response.Headers.ContentEncoding = "gzip";
                    return false;
                case "no such range" when http.Request.Headers.Range.Count > 0:
                    response.StatusCode = 416;
                    return true;
                case "short":
                    await response.Body.WriteAsync(host.Content.AsMemory(0, 10), http.RequestAborted);
                    return true;
                default:
                    return false;
            }
        };

        var (exitCode, output, error) = await RunAsync(host.Url);

        Assert.Contains(message, output + error, StringComparison.Ordinal);
        Assert.Equal(expected, exitCode);
        Assert.Equal(expected == 0, File.Exists(directory["app.hvt"]));
        if (expected == 0)
            await AssertTargetAsync(host);
    }

    [Theory]
    [InlineData("/job/app/build/latest/f/nope", 1, "/job/app/build/latest/f/nope: the site answers 404 Not Found")]
    [InlineData("/no-artifact", 1, "/no-artifact is not an artifact of a Builder site: the answer has no SHA-256 (ETag)")]
    [InlineData("/job/app/build/latest", 2, "/job/app/build/latest\" is not the URL of an artifact; give https://SITE/job/")]
    [InlineData("/job/app/build/latest/f/..%2fx", 2, " does not end in a file name; give --output FILE")]
    public async Task Addresses_of_something_else_are_named(string path, int expected, string message)
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(1));

        var (exitCode, _, error) = await RunAsync(new Uri(host.Url).GetLeftPart(UriPartial.Authority) + path);

        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Equal(expected, exitCode);
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task Places_that_cannot_be_written_or_read_are_named_and_a_site_that_is_away_has_a_code_of_its_own()
    {
        await using var host = await ArtifactHost.StartAsync(ArtifactHost.Build(1));

        foreach (
            var (words, expected, message) in (IEnumerable<(string[], int, string)>)
                [
                    (["-o", "/dev/null"], 2, "--output: \"/dev/null\" is not a regular file"),
                    (["-o", "."], 2, "--output: \".\" is not a regular file"),
                    (["-o", "no/such"], 1, $"--output: the directory \"{directory["no"]}\" does not exist"),
                    (["--have", "nope"], 2, "--have: \"nope\" is neither a file nor a directory"),
                    (["--have", "/dev/zero"], 2, "--have: \"/dev/zero\" is neither a file nor a directory"),
                ]
        )
        {
            var (exitCode, _, error) = await RunAsync([host.Url, .. words]);
            Assert.Contains(message, error, StringComparison.Ordinal);
            Assert.Equal(expected, exitCode);
        }
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
        var away = await RunAsync($"http://127.0.0.1:1{ArtifactHost.Path}");
        Assert.Equal(3, away.ExitCode);
        Assert.Contains($"cannot download http://127.0.0.1:1{ArtifactHost.Path}: ", away.Error, StringComparison.Ordinal);
    }

    public void Dispose() => directory.Dispose();

    private static string Name(ArtifactHost host) => $".{Convert.ToHexStringLower(host.Digest)[..32]}.part";

    private string[] Parts() => Directory.GetFiles(directory.Path, ".*.part");

    /// <summary>It is there, and nothing else is left of the download.</summary>
    private async Task AssertTargetAsync(ArtifactHost host, string name = "app.hvt")
    {
        Assert.Equal(host.Content, await File.ReadAllBytesAsync(directory[name], Stop));
        Assert.Empty(Parts());
    }

    private Process Start(params IEnumerable<string> arguments) =>
        Process.Start(
            new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "builder"), ["client", "download", .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = directory.Path,
            }
        )!;

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var error = process.StandardError.ReadToEndAsync(Stop);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, output, await error);
    }
}
