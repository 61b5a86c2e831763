using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Web.Options;

namespace Builder.Web.Tests;

public sealed class UploadTests
{
    [Fact]
    public async Task Builds_of_the_reference_come_in_show_at_once_and_come_out_byte_for_byte()
    {
        await using var site = await WithUsersAsync();
        foreach (var (name, exec) in Uploads.All)
        {
            using var before = await site.Http.GetAsync("/all-builds", TestContext.Current.CancellationToken);
            using var answer = await site.UploadAsync("admin", "pw-admin", exec);
            Assert.True(
                answer.StatusCode == HttpStatusCode.Created,
                $"{name}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}"
            );
            var address = answer.Headers.Location!.OriginalString;
            using var page = await site.Http.GetAsync(address, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Equal(exec, await site.Http.GetByteArrayAsync(address + "/exec", TestContext.Current.CancellationToken));
        }
        using var home = await site.Http.PageAsync("/all-builds");
        Assert.Contains("dns-primary", home.Texts("a.job"));
        using var job = await site.Http.PageAsync("/job/hello");
        Assert.NotEmpty(job.Text("#README"));
    }

    [Theory]
    [InlineData(null, null, 401)]
    [InlineData("admin", "wrong", 401)]
    [InlineData("nobody", "x", 401)]
    [InlineData("restr", "pw-restr", 403)]
    [InlineData("admin", "pw-admin", 201)]
    public async Task Who_may_upload(string? name, string? password, int status)
    {
        await using var site = await WithUsersAsync();
        using var answer = await site.UploadAsync(name, password, Uploads.Exec("noswitch"));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Count > 0);
    }

    [Fact]
    public async Task What_is_no_build_or_there_already_is_refused_with_a_reason()
    {
        await using var site = await WithUsersAsync();
        var exec = Uploads.Exec("noswitch");
        foreach (var malformed in new[] { [], Encoding.ASCII.GetBytes("hello"), exec[..^1], [.. exec, 0] })
        {
            using var answer = await site.UploadAsync("admin", "pw-admin", malformed);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.NotEmpty(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        using var first = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        using var again = await site.UploadAsync("admin", "pw-admin", exec);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Contains(
            "234909ec-2b31-4ec1-8989-73c0f82fbd1b",
            await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_said_or_not()
    {
        await using var site = await WithUsersAsync(options => options with { LargestUpload = 1000 });
        using var said = await site.UploadAsync("admin", "pw-admin", Uploads.Exec("hello-d1"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, said.StatusCode);
        using var chunked = await site.UploadAsync("admin", "pw-admin", Uploads.Exec("hello-d1"), isChunked: true);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
        Assert.Empty((await JobsAsync(site))["jobs"]!.AsArray());
    }

    [Theory]
    [InlineData("", 201, "manual.bin")]
    [InlineData("?binary_name=foo.hvt", 201, "foo.hvt")]
    [InlineData("?binary_name=a%20%23b", 201, "a #b")]
    [InlineData("?binary_name=a/b", 400, null)]
    [InlineData("?binary_name=..", 400, null)]
    [InlineData("?binary_name=.", 400, null)]
    [InlineData("?binary_name=", 400, null)]
    [InlineData("?binary_name=a%00b", 400, null)]
    public async Task A_single_binary_becomes_a_build(string query, int status, string? fileName)
    {
        await using var site = await WithUsersAsync();
        var binary = RandomNumberGenerator.GetBytes(100_000);
        using var answer = await site.UploadAsync("admin", "pw-admin", binary, "/job/manual/platform/debian-12/upload" + query);
        Assert.Equal(status, (int)answer.StatusCode);
        if (status != 201)
            return;
        var main = JsonNode.Parse(await GetJsonAsync(site, "/job/manual"))!["builds"]![0]!["main_binary"]!;
        Assert.Equal(fileName, main["filename"]!.GetValue<string>());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(binary)), main["sha256"]!.GetValue<string>());
        var address = answer.Headers.Location!.OriginalString;
        Assert.Equal(
            "# This artifact was manually built",
            await site.Http.GetStringAsync(address + "/script", TestContext.Current.CancellationToken)
        );
        using var found = await site.Http.GetAsync(address + "/main-binary", TestContext.Current.CancellationToken);
        Assert.Equal(binary, await site.Http.GetByteArrayAsync(found.Headers.Location, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_binary_that_comes_in_chunks_without_its_length_becomes_a_build()
    {
        await using var site = await WithUsersAsync();
        var binary = RandomNumberGenerator.GetBytes(300_000);
        using var answer = await site.UploadAsync("admin", "pw-admin", binary, "/job/manual/platform/debian-12/upload", isChunked: true);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        using var found = await site.Http.GetAsync(
            answer.Headers.Location!.OriginalString + "/main-binary",
            TestContext.Current.CancellationToken
        );
        Assert.Equal(binary, await site.Http.GetByteArrayAsync(found.Headers.Location, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(site.DataDirectory, "_staging")));
    }

    [Theory]
    [InlineData(1000, 201)]
    [InlineData(1001, 413)]
    public async Task A_binary_in_chunks_has_the_same_limit_and_leaves_nothing_behind(int length, int status)
    {
        await using var site = await WithUsersAsync(options => options with { LargestUpload = 1000 });
        using var answer = await site.UploadAsync(
            "admin",
            "pw-admin",
            new byte[length],
            "/job/manual/platform/debian-12/upload",
            isChunked: true
        );
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(site.DataDirectory, "_staging")));
        Assert.Equal(status == 201 ? 1 : 0, (await JobsAsync(site))["jobs"]!.AsArray().Count);
    }

    [Fact]
    public async Task The_limit_can_be_asked_for_without_a_password()
    {
        await using var site = await Site.EmptyAsync(options => options with { LargestUpload = 123_456 });
        using var answer = await site.Http.GetAsync("/upload/limit", TestContext.Current.CancellationToken);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"max_bytes":123456}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Who_keeps_failing_has_to_wait_and_then_may_try_again()
    {
        await using var site = await WithUsersAsync();
        for (var attempt = 0; attempt < 7; attempt++)
        {
            using var wrong = await site.UploadAsync("admin", "guess " + attempt, [1]);
            Assert.Equal(attempt < 5 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, wrong.StatusCode);
            Assert.Equal(attempt < 5 ? null : TimeSpan.FromSeconds(1), wrong.Headers.RetryAfter?.Delta);
        }
        // Who never was let in cannot be told from a guesser, even with the right password.
        using (var early = await site.UploadAsync("admin", "pw-admin", Uploads.Exec("noswitch")))
            Assert.Equal(HttpStatusCode.TooManyRequests, early.StatusCode);
        // Reading needs no password and goes on; so do others behind this address.
        Assert.Empty((await JobsAsync(site))["jobs"]!.AsArray());
        using (var other = await site.UploadAsync("restr", "pw-restr", Uploads.Exec("noswitch")))
            Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        site.Clock.Advance(TimeSpan.FromSeconds(1));
        using var late = await site.UploadAsync("admin", "pw-admin", Uploads.Exec("noswitch"));
        Assert.Equal(HttpStatusCode.Created, late.StatusCode);
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_each_visitor_is_counted_alone()
    {
        await using var site = await WithUsersAsync(options =>
            options with
            {
                TrustedProxies = new TrustedProxies([IPNetwork.Parse("127.0.0.1/32")]),
            }
        );
        for (var attempt = 0; attempt < 6; attempt++)
        {
            using var wrong = await SendFromAsync(site, "192.0.2.1", "guess " + attempt);
            Assert.Equal(attempt < 5 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, wrong.StatusCode);
        }
        // In front of what the proxy adds a visitor may write what he likes.
        using var forged = await SendFromAsync(site, "192.0.2.9, 192.0.2.1", "guess");
        Assert.Equal(HttpStatusCode.TooManyRequests, forged.StatusCode);
        using var other = await SendFromAsync(site, "192.0.2.2", "pw-admin");
        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
    }

    [Fact]
    public async Task Without_a_trusted_proxy_nobody_says_where_he_comes_from()
    {
        await using var site = await WithUsersAsync();
        for (var attempt = 0; attempt < 6; attempt++)
        {
            using var wrong = await SendFromAsync(site, "192.0.2." + attempt, "guess " + attempt);
            Assert.Equal(attempt < 5 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, wrong.StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> SendFromAsync(Site site, string forwarded, string password)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/upload") { Content = new ByteArrayContent(Uploads.Exec("noswitch")) };
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + password))
        );
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwarded);
        return await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("PUT", "/", "GET, HEAD")]
    [InlineData("DELETE", "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb", "GET, HEAD")]
    [InlineData("POST", "/compare/a/b", "GET, HEAD")]
    [InlineData("PUT", "/upload", "POST")]
    [InlineData("DELETE", "/job/hello/platform/debian-12/upload", "POST")]
    public async Task A_method_that_an_address_does_not_have_is_answered_with_those_it_has(string method, string address, string allowed)
    {
        await using var site = await WithUsersAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(allowed, string.Join(", ", answer.Content.Headers.Allow));
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task All_artifacts_come_as_one_archive_the_same_each_time()
    {
        await using var site = await WithUsersAsync();
        using var answer = await site.UploadAsync("admin", "pw-admin", Uploads.Exec("noswitch"));
        var address = answer.Headers.Location!.OriginalString + "/all.tar.gz";
        var first = await site.Http.GetByteArrayAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(first, await site.Http.GetByteArrayAsync(address, TestContext.Current.CancellationToken));
        await using var unzipped = new GZipStream(new MemoryStream(first), CompressionMode.Decompress);
        await using var archive = new TarReader(unzipped);
        var names = new List<string>();
        while (await archive.GetNextEntryAsync(copyData: true, TestContext.Current.CancellationToken) is { } entry)
            names.Add(entry.Name);
        Assert.Contains("weird name #1?.txt", names);
        Assert.Contains("bin/tool", names);
    }

    /// <summary>By the tar of the system: what people take archives apart with.</summary>
    [Fact]
    public async Task An_archive_holds_every_name_byte_for_byte_however_odd_or_long()
    {
        await using var site = await WithUsersAsync();
        var names = new[]
        {
            "bin/tool",
            "\u00fc\u2603 #1?",
            new string('d', 90) + "/" + new string('n', 150),
            new string('e', 100),
            "a\\b",
        };
        var files = names
            .Select(
                (name, index) =>
                    new ArtifactFile(
                        Path(Encoding.UTF8.GetBytes(name)),
                        index,
                        _ => ValueTask.FromResult<Stream>(new MemoryStream(new byte[index]))
                    )
            )
            .Append(new ArtifactFile(Path([0xff]), 600, _ => ValueTask.FromResult<Stream>(new MemoryStream(new byte[600]))))
            .Append(new ArtifactFile(Path([0xfe]), 512, _ => ValueTask.FromResult<Stream>(new MemoryStream(new byte[512]))));
        var exec = new MemoryStream();
        await ExecWriter.WriteAsync(
            exec,
            new ExecHead(
                new ScriptJob(ByteString.FromUtf8("odd"), ByteString.FromUtf8("debian-12"), ByteString.FromUtf8("make\n")),
                BuildUuid.NewRandom()
            ),
            ConsoleSource.From([]),
            new ExecTail(Timestamp.From(Site.Recorded), Timestamp.From(Site.Recorded), new ExecutionResult.Exited(0)),
            ArtifactSource.From([.. files]),
            TestContext.Current.CancellationToken
        );
        using var answer = await site.UploadAsync("admin", "pw-admin", exec.ToArray());
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var archive = await site.Http.GetByteArrayAsync(
            answer.Headers.Location!.OriginalString + "/all.tar.gz",
            TestContext.Current.CancellationToken
        );
        var listed = await ListAsync(archive);
        Assert.Equal(
            new[]
            {
                "-rwxrwxr-x 0 bin/tool",
                "-rw-rw-r-- 1 \\303\\274\\342\\230\\203 #1?",
                $"-rw-rw-r-- 2 {names[2]}",
                $"-rw-rw-r-- 3 {names[3]}",
                "-rw-rw-r-- 4 a\\\\b",
                "-rw-rw-r-- 600 \\377",
                "-rw-rw-r-- 512 \\376",
            }.Order(StringComparer.Ordinal),
            listed.Order(StringComparer.Ordinal)
        );

        static ArtifactPath Path(byte[] name) =>
            ArtifactPath.TryParse(new ByteString(name), out var path, out var reason) ? path : throw new ArgumentException(reason);
    }

    /// <summary>Mode, size and name of each file.</summary>
    private static async Task<IEnumerable<string>> ListAsync(byte[] archive)
    {
        using var tar = Process.Start(
            new ProcessStartInfo("tar", ["--list", "--gzip", "--verbose", "--numeric-owner", "--quoting-style=escape", "--file=-"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                Environment = { ["LC_ALL"] = "C", ["TZ"] = "UTC" },
            }
        )!;
        var listing = tar.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tar.StandardInput.BaseStream.WriteAsync(archive, TestContext.Current.CancellationToken);
        tar.StandardInput.Close();
        await tar.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, tar.ExitCode);
        // -rw-rw-r-- 0/0 600 2026-11-22 17:06 NAME
        return (await listing)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
            .Select(fields => $"{fields[0]} {fields[2]} {fields[5]}");
    }

    private static async Task<Site> WithUsersAsync(Func<WebOptions, WebOptions>? options = null)
    {
        var site = await Site.EmptyAsync(options);
        await site.AddUsersAsync();
        return site;
    }

    private static async Task<JsonNode> JobsAsync(Site site) => JsonNode.Parse(await GetJsonAsync(site, "/all-builds"))!;

    private static async Task<string> GetJsonAsync(Site site, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
