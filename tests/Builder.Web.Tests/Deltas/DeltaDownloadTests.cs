using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Builder.Protocol.Values;
using Builder.Storage;
using Builder.Testing;
using Builder.Web.Tests.Rebuilders;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Builder.Web.Tests.Deltas;

/// <summary>Downloads as patches (RFC 9842), from the bytes of requests and answers to stock zstd and a browser.</summary>
public sealed class DeltaDownloadTests
{
    private const string Path = "bin/app v1+2.hvt";

    private static readonly BuildUuid[] Builds =
    [
        BuildUuid.Parse("0190a6b2-0000-4000-8000-000000000001"),
        BuildUuid.Parse("0190a6b2-0000-4000-8000-000000000002"),
        BuildUuid.Parse("0190a6b2-0000-4000-8000-000000000003"),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Address(int day, string job = "app") => $"/job/{job}/build/{Builds[day]}/f/bin/app%20v1+2.hvt";

    private static byte[] Content(int day)
    {
        var content = new byte[400_000];
        new Random(5).NextBytes(content);
        for (var change = 1; change <= day; change++)
            new Random(change).NextBytes(content.AsSpan(change * 2000, 900));
        return content;
    }

    private static async Task<Site> StartAsync(string job = "app")
    {
        var site = await Site.EmptyAsync();
        await site.AddUsersAsync();
        for (var day = 0; day < Builds.Length; day++)
        {
            var exec = await Uploads.ExecAsync(
                job,
                Builds[day],
                Site.Recorded.AddDays(day - 10),
                [(Path, Content(day)), ("other", Content(day)[..5000])]
            );
            Assert.Equal(HttpStatusCode.Created, (await site.UploadAsync("admin", "pw-admin", exec)).StatusCode);
        }
        return site;
    }

    private static HttpRequestMessage Request(string address, string? dictionary, string accepted = "gzip, br, zstd, dcb, dcz")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        if (dictionary is not null)
            request.Headers.TryAddWithoutValidation("Available-Dictionary", dictionary);
        return request;
    }

    private static string Hash(byte[] content) => $":{Convert.ToBase64String(SHA256.HashData(content))}:";

    private static bool IsPatch(HttpResponseMessage answer) => answer.Content.Headers.ContentEncoding.SequenceEqual(["dcz"]);

    [Fact]
    public async Task Who_has_an_earlier_build_gets_a_patch_that_stock_zstd_reads()
    {
        await using var site = await StartAsync();
        using var first = await site.Http.SendAsync(Request(Address(0), null), Stop);
        Assert.Equal([@"match=""/job/app/build/*/f/bin/app%20v1\\+2.hvt"""], first.Headers.GetValues("Use-As-Dictionary"));
        Assert.Equal(["Accept-Encoding", "Available-Dictionary"], first.Headers.Vary);

        using var answer = await site.Http.SendAsync(Request(Address(2), Hash(Content(0))), Stop);

        Assert.True(IsPatch(answer));
        Assert.Equal(["Accept-Encoding", "Available-Dictionary"], answer.Headers.Vary);
        Assert.True(answer.Headers.Contains("Use-As-Dictionary"));
        var patch = await answer.Content.ReadAsByteArrayAsync(Stop);
        Assert.InRange(patch.Length, 1000, 10_000);
        Assert.Equal([0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0, .. SHA256.HashData(Content(0))], patch[..40]);
        using var folder = new TemporaryDirectory();
        await File.WriteAllBytesAsync(folder["old"], Content(0), Stop);
        // Without the header, as RFC 8878 has it.
        await File.WriteAllBytesAsync(folder["patch"], patch[40..], Stop);
        using var zstd = Process.Start("zstd", ["-d", "-q", $"--patch-from={folder["old"]}", folder["patch"], "-o", folder["new"]]);
        await zstd.WaitForExitAsync(Stop);
        Assert.Equal(0, zstd.ExitCode);
        Assert.Equal(Content(2), await File.ReadAllBytesAsync(folder["new"], Stop));
    }

    [Fact]
    public async Task A_patch_that_is_stored_is_sent_as_it_is()
    {
        await using var site = await StartAsync();
        await site.Web.Services.GetRequiredService<BuilderStorage>().Packer.PackAsync(isDryRun: false, null, Stop);

        using var answer = await site.Http.SendAsync(Request(Address(1), Hash(Content(0))), Stop);

        Assert.True(IsPatch(answer));
        Assert.False(Directory.Exists(System.IO.Path.Combine(site.DataDirectory, "_cache", "delta_1")));
        Assert.Equal(Content(1), await site.Http.GetByteArrayAsync(Address(1), Stop));
    }

    [Theory]
    [InlineData(":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:", "dcz")] // nobody has it
    [InlineData("AAAA", "dcz")]
    [InlineData(":AAAA:", "dcz")]
    [InlineData(":!!!!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:", "dcz")]
    [InlineData("::", "dcz")]
    [InlineData("", "dcz")]
    [InlineData("RIGHT", "gzip, br")]
    [InlineData("RIGHT", "dcz;q=0")]
    [InlineData("RIGHT, RIGHT", "dcz")]
    public async Task Everybody_else_gets_the_file(string dictionary, string accepted)
    {
        await using var site = await StartAsync();

        using var answer = await site.Http.SendAsync(
            Request(Address(2), dictionary.Replace("RIGHT", Hash(Content(0)), StringComparison.Ordinal), accepted),
            Stop
        );

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Equal(Content(2), await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task Tags_differ_by_encoding_and_a_range_is_of_the_file()
    {
        await using var site = await StartAsync();
        using var plain = await site.Http.SendAsync(Request(Address(2), null), Stop);
        using var patched = await site.Http.SendAsync(Request(Address(2), Hash(Content(0))), Stop);
        using var other = await site.Http.SendAsync(Request(Address(2), Hash(Content(1))), Stop);
        Assert.Equal(3, new[] { plain, patched, other }.Select(answer => answer.Headers.ETag!.Tag).Distinct().Count());

        foreach (var known in new[] { plain, patched })
        {
            var again = Request(Address(2), Hash(Content(1)));
            again.Headers.IfNoneMatch.Add(known.Headers.ETag!);
            using var unchanged = await site.Http.SendAsync(again, Stop);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
            Assert.Equal(known.Headers.ETag, unchanged.Headers.ETag);
        }
        var part = Request(Address(2), Hash(Content(0)));
        part.Headers.Range = new RangeHeaderValue(100, 199);
        using var range = await site.Http.SendAsync(part, Stop);
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(plain.Headers.ETag, range.Headers.ETag);
        Assert.Equal(Content(2)[100..200], await range.Content.ReadAsByteArrayAsync(Stop));

        var head = Request(Address(2), Hash(Content(0)));
        head.Method = HttpMethod.Head;
        using var headers = await site.Http.SendAsync(head, Stop);
        Assert.True(IsPatch(headers));
        Assert.Equal(patched.Content.Headers.ContentLength, headers.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task What_is_at_another_path_or_withheld_is_as_unknown_as_what_nobody_has()
    {
        await using var site = await StartAsync("hello");
        using (var free = await site.Http.SendAsync(Request(Address(0, "hello"), Hash(Content(2))), Stop))
            Assert.True(IsPatch(free));
        await Rebuilding.WithholdAsync(site);
        // The first build is free, the others wait for rebuilders.
        await site
            .Web.Services.GetRequiredService<BuilderStorage>()
            .Database.WriteAsync(
                session =>
                    session.ExecuteAsync(
                        "UPDATE publish_rule SET after_build = (SELECT id FROM build WHERE uuid = @free)",
                        Stop,
                        ("@free", Builds[0])
                    ),
                Stop
            );
        using (var withheld = await site.Http.SendAsync(Request(Address(2, "hello"), null), Stop))
            Assert.Equal(HttpStatusCode.Forbidden, withheld.StatusCode);

        foreach (var offered in new[] { Hash(Content(1)), Hash(Content(2)), Hash(Content(0)[..5000]), Hash("nobody's"u8.ToArray()) })
        {
            using var answer = await site.Http.SendAsync(Request(Address(0, "hello"), offered), Stop);
            Assert.Empty(answer.Content.Headers.ContentEncoding);
            Assert.Equal(Content(0), await answer.Content.ReadAsByteArrayAsync(Stop));
        }
    }

    [Fact]
    public async Task Chromium_asks_for_patches_by_itself_and_unpacks_them()
    {
        Requirement.Programs(ScreenshotTests.Chromium);
        await using var site = await StartAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ScreenshotTests.LaunchAsync(playwright);
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = site.Web.Address.ToString() });
        await page.GotoAsync("/");
        const string fetching = """
            async address => {
                const answer = await fetch(address);
                const bytes = await answer.arrayBuffer();
                const hash = [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map(b => b.toString(16).padStart(2, '0')).join('');
                return hash + ' ' + answer.headers.get('content-encoding');
            }
            """;

        Assert.StartsWith(
            Convert.ToHexStringLower(SHA256.HashData(Content(0))),
            await page.EvaluateAsync<string>(fetching, Address(0)),
            StringComparison.Ordinal
        );
        // The browser stores the dictionary after the answer; until it has, it asks without.
        string answer;
        do
        {
            Stop.ThrowIfCancellationRequested();
            answer = await page.EvaluateAsync<string>(fetching, $"{Address(2)}?{Guid.NewGuid():N}");
            Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(Content(2))), answer, StringComparison.Ordinal);
        } while (!answer.EndsWith("dcz", StringComparison.Ordinal));
    }
}
