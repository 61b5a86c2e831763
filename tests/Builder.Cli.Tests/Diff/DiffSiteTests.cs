using System.Security.Cryptography;
using Builder.Cli.Diff;
using Builder.Cli.Tests.Parsing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Tests.Diff;

/// <summary>Sides that lie on a site, here a small one that may lie.</summary>
[Collection(CommandTrees.Name)]
public sealed class DiffSiteTests : IAsyncLifetime
{
    private const string First = "b92c500e-03fc-44d9-95de-50e5e6f91479";
    private const string Second = "03256a82-f30b-4974-aea3-d7888233254d";

    private readonly TemporaryDirectory directory = new();
    private readonly WebApplication site;

    public DiffSiteTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        site = builder.Build();
        site.MapGet(
            "/job/hello/build/{build}/f/{path}",
            (HttpContext http, string build, string path) =>
            {
                var bytes = "content\n"u8.ToArray();
                http.Response.Headers.ETag = $"\"{Convert.ToBase64String(SHA256.HashData(path == "damaged" ? [] : bytes))}\"";
                return Results.Bytes(bytes);
            }
        );
        site.MapGet("/job/hello/build/{build}/main-binary", (string build) => Results.Redirect($"/job/hello/build/{build}/f/x"));
        site.MapGet(
            "/job/hello/build/{build}/exec",
            (string build) =>
                build switch
                {
                    First => Results.Bytes(Build(First, "built on 2026-11-22 06:00:01\n")),
                    Second => Results.Bytes(Build(Second, "built on 2026-11-23 07:10:59\n")),
                    _ => Results.NotFound(),
                }
        );
    }

    [Fact]
    public async Task Two_builds_are_compared_by_their_artifacts()
    {
        var (exitCode, output) = await DiffAsync($"/job/hello/build/{First}", $"/job/hello/build/{Second}/");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("timestamp", output, StringComparison.Ordinal);
        Assert.Contains("share/info.txt", output, StringComparison.Ordinal);
        Assert.DoesNotContain("bin/hello", output, StringComparison.Ordinal);
        Assert.Equal(0, (await DiffAsync($"/job/hello/build/{First}", $"/job/hello/build/{First}")).ExitCode);
    }

    [Fact]
    public async Task A_build_is_compared_with_a_directory_without_modes()
    {
        Directory.CreateDirectory(directory["out/bin"]);
        Directory.CreateDirectory(directory["out/share"]);
        await File.WriteAllTextAsync(directory["out/bin/hello"], "hello\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            directory["out/share/info.txt"],
            "built on 2026-11-22 06:00:01\n",
            TestContext.Current.CancellationToken
        );
        File.SetUnixFileMode(directory["out/bin/hello"], UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal(0, (await DiffAsync($"/job/hello/build/{First}", directory["out"])).ExitCode);
        Assert.Equal(1, (await DiffAsync($"/job/hello/build/{Second}", directory["out"])).ExitCode);
    }

    [Fact]
    public async Task An_artifact_is_downloaded_and_its_hash_compared_with_what_the_site_says()
    {
        await File.WriteAllTextAsync(directory["x"], "content\n", TestContext.Current.CancellationToken);

        Assert.Equal(0, (await DiffAsync($"/job/hello/build/{First}/f/x", directory["x"])).ExitCode);
        Assert.Equal(0, (await DiffAsync($"/job/hello/build/{First}/main-binary", directory["x"])).ExitCode);
        Assert.Equal(2, (await DiffAsync($"/job/hello/build/{First}/f/damaged", directory["x"])).ExitCode);
    }

    [Fact]
    public async Task What_the_site_does_not_have_is_trouble()
    {
        await File.WriteAllTextAsync(directory["x"], "content\n", TestContext.Current.CancellationToken);

        Assert.Equal(2, (await DiffAsync("/job/hello/build/latest", $"/job/hello/build/{First}")).ExitCode);
        Assert.Equal(2, (await DiffAsync("/no-such-file", directory["x"])).ExitCode);
        Assert.Equal(2, (await DiffAsync("http://127.0.0.1:1/x", directory["x"])).ExitCode);
    }

    [Theory]
    [InlineData($"https://example.org/job/a/build/{First}", true)]
    [InlineData($"https://example.org/job/a/build/{First}/", true)]
    [InlineData("https://example.org/job/a/build/latest?platform=debian-12", true)]
    [InlineData($"https://example.org/job/a/build/{First}/f/build", false)]
    [InlineData("https://example.org/job/a", false)]
    [InlineData("https://example.org/x.tar.gz", false)]
    public void A_build_is_told_from_a_file_by_its_address(string text, bool isBuild)
    {
        Assert.True(SiteUrl.TryParse(text, out var url));
        Assert.Equal(isBuild, url.IsBuild);
    }

    [Fact]
    public void Passwords_and_queries_of_addresses_are_not_shown()
    {
        Assert.True(SiteUrl.TryParse("https://user:secret@example.org/a?token=secret", out var url));
        Assert.Equal("https://example.org/a", url.Shown);
        Assert.False(SiteUrl.TryParse("ftp://example.org/a", out _));
    }

    public async ValueTask InitializeAsync() => await site.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await site.DisposeAsync();
        directory.Dispose();
    }

    private async Task<(int ExitCode, string Output)> DiffAsync(string left, string right)
    {
        var exitCode = await new Builder.Cli.CommandLine(null).RunAsync([
            "diff",
            Address(left),
            Address(right),
            "--output",
            directory["answer"],
        ]);
        return (exitCode, exitCode == 2 ? "" : await File.ReadAllTextAsync(directory["answer"], TestContext.Current.CancellationToken));
    }

    private string Address(string side) =>
        side.StartsWith("/job/", StringComparison.Ordinal) || side == "/no-such-file" ? site.Urls.First() + side : side;

    private static byte[] Build(string uuid, string info) =>
        ExecCodec.Encode(
            new Exec(
                new ScriptJob(ByteString.FromUtf8("hello"), ByteString.FromUtf8("debian-12"), ByteString.FromUtf8("true\n")),
                BuildUuid.Parse(uuid),
                [],
                Timestamp.From(new DateTimeOffset(2026, 11, 22, 6, 0, 0, TimeSpan.Zero)),
                Timestamp.From(new DateTimeOffset(2026, 11, 22, 6, 0, 3, TimeSpan.Zero)),
                new ExecutionResult.Exited(0),
                [
                    new Artifact(ArtifactPath.Parse("bin/hello"), "hello\n"u8.ToArray()),
                    new Artifact(ArtifactPath.Parse("share/info.txt"), System.Text.Encoding.UTF8.GetBytes(info)),
                ]
            )
        );
}
