using System.Net;
using System.Net.Http.Headers;
using Builder.Publishing.Packages;
using Builder.Publishing.Tests.Debian;
using Builder.Web;
using Builder.Web.Options;
using Microsoft.Extensions.Logging;

namespace Builder.Publishing.Tests.Served;

/// <summary>The site with its repositories over HTTP: the real apt-get against /apt, pages, headers.</summary>
public sealed class ServedRepositoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The whole run of the requirement is 50 publications and 200 updates; a shorter one goes with every build.</summary>
    private static (int Publications, int Updates) Load =>
        Environment.GetEnvironmentVariable("BUILDER_LONG_TESTS") is { Length: > 0 } ? (50, 200) : (8, 16);

    [Fact]
    public async Task The_sample_package_is_built_served_installed_and_upgraded()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        await using var web = await StartAsync(site);
        var sample = Path.Combine(AppContext.BaseDirectory, "Samples", "hello-deb.sh");
        Directory.CreateDirectory(site["sample"]);
        await Tools.SucceedAsync("sh", ["-e", sample], site["sample"]);
        var deb = site["sample/bin/hello-proof.deb"];
        var sha256 = DebMaker.Sha256(deb);

        var uuid = await site.StoreAsync(deb, "20260101120000", job: "hello-deb");
        var apt = await AptAsync(site, web);
        await EventuallyUpdateAsync(apt);
        await apt.InstallAsync("hello-proof");
        Assert.Equal($"1.0.0-0-g0000000-20260101120000-{sha256}", await apt.InstalledVersionAsync("hello-proof"));

        using var http = new HttpClient { BaseAddress = web.Address };
        var page = await http.GetStringAsync($"/job/hello-deb/build/{uuid}", Cancellation);
        Assert.Contains(
            $"deb [signed-by=/etc/apt/keyrings/127-0-0-1.asc] http://127.0.0.1:{web.Port}/apt debian-12 main",
            WebUtility.HtmlDecode(page),
            StringComparison.Ordinal
        );
        Assert.Contains("apt-get install hello-proof", page, StringComparison.Ordinal);
        var listing = await http.GetStringAsync("/apt", Cancellation);
        Assert.Contains(sha256, listing, StringComparison.Ordinal);
        Assert.Contains($"/job/hello-deb/build/{uuid}", listing, StringComparison.Ordinal);
        Assert.Contains("BEGIN PGP PUBLIC KEY BLOCK", await http.GetStringAsync("/apt/key.asc", Cancellation), StringComparison.Ordinal);

        var newer = await DebMaker.MakeAsync(site["debs"], "hello-proof", "1.0.1", content: "newer");
        await site.StoreAsync(newer, "20260102120000", job: "hello-deb");
        await EventuallyAsync(async () =>
            (await http.GetStringAsync("/apt/dists/debian-12/main/binary-amd64/Packages", Cancellation)).Contains(
                "Version: 1.0.1-",
                StringComparison.Ordinal
            )
        );
        await apt.UpdateAsync();
        await apt.GetAsync("upgrade");
        Assert.EndsWith(DebMaker.Sha256(newer), await apt.InstalledVersionAsync("hello-proof"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_that_somebody_uploads_is_published()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        await site.AddUserAsync("admin", "secret");
        await using var web = await StartAsync(site);
        using var http = new HttpClient { BaseAddress = web.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("admin:secret"u8));
        using var deb = new ByteArrayContent(
            await File.ReadAllBytesAsync(await DebMaker.MakeAsync(site["debs"], "uploaded"), Cancellation)
        );

        using var answer = await http.PostAsync("/job/uploaded/platform/debian-12/upload?binary_name=uploaded.deb", deb, Cancellation);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var apt = await AptAsync(site, web);
        await EventuallyUpdateAsync(apt);
        await apt.InstallAsync("uploaded");
        Assert.Equal("hello", apt.Read("usr/share/uploaded/greeting"));
    }

    [Fact]
    public async Task A_refused_package_says_why_on_the_page_of_its_build()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        await using var web = await StartAsync(site);
        using var http = new HttpClient { BaseAddress = web.Address };

        var uuid = await site.StoreAsync(await DebMaker.MakeAsync(site["debs"], version: "2.0~rc1"));

        await EventuallyAsync(async () =>
            WebUtility
                .HtmlDecode(await http.GetStringAsync($"/job/hello-deb/build/{uuid}", Cancellation))
                .Contains("version \"2.0~rc1\" cannot be published: it must be X.Y.Z", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_never_changes_may_be_kept_and_the_rest_is_asked_for_again()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        using var queue = await site.StartQueueAsync();
        await site.StoreAsync(await DebMaker.MakeAsync(site["debs"]));
        await queue.DrainAsync(Cancellation);
        await using var web = await StartAsync(site);
        using var http = new HttpClient { BaseAddress = web.Address };

        using var release = await http.GetAsync("/apt/dists/debian-12/InRelease", Cancellation);
        Assert.Equal("no-cache", release.Headers.CacheControl?.ToString());
        Assert.Equal("text/plain", release.Content.Headers.ContentType?.MediaType);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/apt/dists/debian-12/InRelease");
        again.Headers.IfModifiedSince = release.Content.Headers.LastModified;
        Assert.Equal(HttpStatusCode.NotModified, (await http.SendAsync(again, Cancellation)).StatusCode);

        var package = Assert.Single(await queue.Repositories.Debian!.ListAsync("debian-12", Cancellation));
        using var whole = await http.GetAsync($"/apt/{package.FileName}", Cancellation);
        Assert.Contains("immutable", whole.Headers.CacheControl?.ToString() ?? "", StringComparison.Ordinal);
        Assert.Equal("application/vnd.debian.binary-package", whole.Content.Headers.ContentType?.MediaType);
        using var part = new HttpRequestMessage(HttpMethod.Get, $"/apt/{package.FileName}")
        {
            Headers = { Range = new RangeHeaderValue(8, 19) },
        };
        using var partial = await http.SendAsync(part, Cancellation);
        Assert.Equal(HttpStatusCode.PartialContent, partial.StatusCode);
        Assert.StartsWith("debian-binar", await partial.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        foreach (
            var hidden in (string[])
                [
                    "/apt/.lock",
                    "/apt/.snapshots/debian-12/000001/Release",
                    "/apt/dists/debian-12/.snapshot",
                    "/apt/%2e%2e/%2e%2e/builder.sqlite3",
                    "/apt/dists",
                    "/apt/nothing",
                ]
        )
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(hidden, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Without_a_repository_set_up_there_is_none()
    {
        await using var site = await TestSite.CreateAsync();
        await using var web = await StartAsync(site);
        using var http = new HttpClient { BaseAddress = web.Address };

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/apt", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/pkg/key.pub", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task While_packages_are_published_no_update_sees_a_mismatch()
    {
        var (publications, updates) = Load;
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        using var queue = await site.StartQueueAsync();
        var debs = new List<string>();
        for (var i = 0; i < publications; i++)
            debs.Add(await DebMaker.MakeAsync(site["debs"], $"package{i % 10}", content: $"{i}"));
        var first = await DebMaker.MakeAsync(site["debs"]);
        await queue.Repositories.Debian!.PublishAsync("debian-12", [DebMaker.Build(first, "20260101000000")], Cancellation);
        await using var web = await StartAsync(site);
        var keyring = await KeyringAsync(site);
        var done = 0;
        var updated = 0;

        var publishing = Task.Run(
            async () =>
            {
                foreach (var (i, deb) in debs.Index())
                {
                    // Spread over the updates, so that as many as can be run beside a publication.
                    while (Volatile.Read(ref updated) < i * updates / publications)
                        await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
                    var started = DebMaker.Time("20260101000000") + TimeSpan.FromMinutes(i + 1);
                    var build = DebMaker.Build(deb, "20260101000000") with { Started = started };
                    var outcome = Assert.Single(await queue.Repositories.Debian!.PublishAsync("debian-12", [build], Cancellation));
                    Assert.Equal(PublishState.Published, outcome.State);
                    Interlocked.Increment(ref done);
                }
            },
            Cancellation
        );
        var during = 0;
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(worker =>
                    Task.Run(
                        async () =>
                        {
                            var apt = new AptRoot(site[$"apt{worker}"], $"http://127.0.0.1:{web.Port}/apt", "debian-12", keyring);
                            for (var i = 0; i < updates / 4; i++)
                            {
                                if (Volatile.Read(ref done) < publications)
                                    Interlocked.Increment(ref during);
                                await apt.UpdateAsync();
                                Interlocked.Increment(ref updated);
                            }
                        },
                        Cancellation
                    )
                )
        );
        await publishing;

        Assert.InRange(during, updates / 2, updates);
        TestContext.Current.SendDiagnosticMessage("{0} of {1} updates ran beside {2} publications", during, updates, publications);
        var last = new AptRoot(site["last"], $"http://127.0.0.1:{web.Port}/apt", "debian-12", keyring);
        await last.UpdateAsync();
        await last.InstallAsync("hello", "package0", "package7");
        Assert.True(File.Exists(site["last/usr/share/package7/greeting"]));
    }

    private static async Task<BuilderWeb> StartAsync(TestSite site)
    {
        var web = await BuilderWeb.CreateAsync(
            new WebOptions
            {
                Port = 0,
                DataDirectory = site.Data,
                ConfigurationDirectory = site.Config,
            },
            logging => logging.SetMinimumLevel(LogLevel.None),
            Cancellation
        );
        await web.StartAsync(Cancellation);
        return web;
    }

    private static async Task<string> KeyringAsync(TestSite site)
    {
        await Tools.SucceedAsync(
            "gpg",
            ["--homedir", site.Config, "--batch", "--yes", "--dearmor", "--output", site["key.gpg"], Path.Combine(site.Apt, "key.asc")]
        );
        return site["key.gpg"];
    }

    private static async Task<AptRoot> AptAsync(TestSite site, BuilderWeb web) =>
        new(site[$"apt-{Guid.NewGuid():N}"], $"http://127.0.0.1:{web.Port}/apt", "debian-12", await KeyringAsync(site));

    /// <summary>Publishing is done beside the requests: it comes within the patience of a test.</summary>
    private static async Task EventuallyAsync(Func<Task<bool>> happened)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (!await happened())
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
    }

    private static Task EventuallyUpdateAsync(AptRoot apt) =>
        EventuallyAsync(async () => (await apt.GetAsync("update", "-o", "APT::Update::Error-Mode=any")).ExitCode == 0);
}
