using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Builder.Publishing.Packages;
using Builder.Publishing.Tests.Debian;
using Builder.Web;
using Builder.Web.Options;
using Microsoft.Extensions.Logging;

namespace Builder.Publishing.Tests.Served;

/// <summary>A download that was cut off goes on where it was: apt and many others say which version they have by its date.</summary>
public sealed class ResumedDownloadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_file_that_has_a_date_goes_on_from_a_byte_for_those_who_name_that_date()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        var (web, package, uuid, binary) = await PublishedAsync(site);
        await using (web)
        {
            using var http = new HttpClient { BaseAddress = web.Address };
            foreach (
                var address in (string[])
                    [
                        $"/apt/{package.FileName}",
                        "/apt/key.asc",
                        "/apt/dists/debian-12/InRelease",
                        "/apt/dists/debian-12/main/binary-amd64/Packages",
                        $"/job/hello-deb/build/{uuid}/f/bin/{binary}",
                    ]
            )
            {
                var whole = await http.GetAsync(address, Cancellation);
                Assert.True(whole.Content.Headers.LastModified is not null, address);
                var bytes = await whole.Content.ReadAsByteArrayAsync(Cancellation);
                var date = whole.Content.Headers.LastModified!.Value;
                using var rest = await ResumeAsync(http, address, date);
                Assert.True(rest.StatusCode == HttpStatusCode.PartialContent, $"{address}: {rest.StatusCode}");
                Assert.Equal(bytes[4..], await rest.Content.ReadAsByteArrayAsync(Cancellation));
                foreach (var other in new[] { date.AddSeconds(-1), date.AddSeconds(1) })
                {
                    using var all = await ResumeAsync(http, address, other);
                    Assert.True(all.StatusCode == HttpStatusCode.OK, $"{address}: {all.StatusCode}");
                    Assert.Equal(bytes, await all.Content.ReadAsByteArrayAsync(Cancellation));
                }
            }
        }
    }

    [Fact]
    public async Task The_real_apt_get_goes_on_with_a_package_that_it_has_half_of()
    {
        await using var site = await TestSite.CreateAsync();
        await site.InitDebianAsync();
        var (web, package, _, _) = await PublishedAsync(site);
        await using (web)
        {
            var apt = new AptRoot(site["apt-root"], $"http://127.0.0.1:{web.Port}/apt", "debian-12", await KeyringAsync(site));
            await apt.UpdateAsync();
            var deb = Path.Combine(site.Apt, package.FileName);
            var partial = Directory.CreateDirectory(site["apt-root/var/cache/apt/archives/partial"]).FullName;
            var half = Path.Combine(
                partial,
                $"{package.Name}_{package.Version.Replace(":", "%3a", StringComparison.Ordinal)}_{package.Architecture}.deb"
            );
            await File.WriteAllBytesAsync(half, (await File.ReadAllBytesAsync(deb, Cancellation))[..100], Cancellation);
            File.SetLastWriteTimeUtc(half, File.GetLastWriteTimeUtc(deb));

            var got = await apt.GetAsync("install", "--download-only", "-o", "Debug::Acquire::http=true", "hello");

            Assert.True(got.ExitCode == 0, got.Output);
            Assert.Contains("Range: bytes=", got.Output, StringComparison.Ordinal);
            Assert.Contains("206 Partial Content", got.Output, StringComparison.Ordinal);
        }
    }

    /// <summary>Served an hour after it was published, so that the dates of its files are strong.</summary>
    private static async Task<(BuilderWeb Web, PublishedPackage Package, string Uuid, string Binary)> PublishedAsync(TestSite site)
    {
        using var queue = await site.StartQueueAsync();
        var deb = await DebMaker.MakeAsync(site["debs"]);
        var uuid = await site.StoreAsync(deb);
        await queue.DrainAsync(Cancellation);
        foreach (var file in Directory.EnumerateFiles(site.Apt, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddHours(-1));
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
        return (
            web,
            Assert.Single(await queue.Repositories.Debian!.ListAsync("debian-12", Cancellation)),
            uuid.ToString(),
            Path.GetFileName(deb)
        );
    }

    private static async Task<HttpResponseMessage> ResumeAsync(HttpClient http, string address, DateTimeOffset date)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Range = new RangeHeaderValue(4, null) } };
        request.Headers.TryAddWithoutValidation("If-Range", date.ToString("R", CultureInfo.InvariantCulture));
        return await http.SendAsync(request, Cancellation);
    }

    private static async Task<string> KeyringAsync(TestSite site)
    {
        await Tools.SucceedAsync(
            "gpg",
            ["--homedir", site.Config, "--batch", "--yes", "--dearmor", "--output", site["key.gpg"], Path.Combine(site.Apt, "key.asc")]
        );
        return site["key.gpg"];
    }
}
