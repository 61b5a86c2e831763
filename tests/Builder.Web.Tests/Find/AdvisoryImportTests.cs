using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Builder.Analysis.Advisories;
using Builder.Publishing.Advisories;
using Builder.Publishing.Outgoing;
using Builder.Storage.Files;
using Builder.Storage.Index;
using Builder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Builder.Web.Tests.Find;

/// <summary>Advisories from an address of others: what changed, what is hostile, where no request goes.</summary>
public sealed class AdvisoryImportTests : IAsyncLifetime
{
    private const string Advisory = "```\nid: OSEC-1\naffected: \"tls\" {< \"2\"}\n```\n\n# A fault\n";

    private readonly TemporaryDirectory folder = new();
    private readonly WebApplication others;
    private readonly List<string> problems = [];
    private byte[] content = [];
    private string tag = "\"1\"";
    private int sent;

    public AdvisoryImportTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        others = builder.Build();
        others.MapGet(
            "/all.zip",
            (HttpContext http) =>
            {
                if (http.Request.Headers.IfNoneMatch == tag)
                    return Results.StatusCode(304);
                sent++;
                http.Response.Headers.ETag = tag;
                return Results.Bytes(content, "application/zip");
            }
        );
        others.MapGet("/moved", () => Results.Redirect("/all.zip"));
        others.MapGet("/circle", () => Results.Redirect("/circle"));
        others.MapGet("/inside", () => Results.Redirect("http://10.0.0.1/all.zip"));
        others.MapGet("/missing", () => Results.StatusCode(404));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_archive_is_imported_again_only_when_it_changed()
    {
        content = Zip(("a/OSEC-1.md", Advisory), ("README.md", "# Read me"), ("b/EVIL.json", "{\"id\": \"../../etc/passwd\"}"));

        var first = await ImportAsync("/moved");
        var second = await ImportAsync("/all.zip");
        var third = await ImportAsync("/all.zip");
        tag = "\"2\"";
        content = Zip(("OSEC-1.md", Advisory.Replace("id:", "withdrawn: \"2026-01-01\"\nid:", StringComparison.Ordinal)));
        var fourth = await ImportAsync("/all.zip");

        Assert.Equal(new AdvisoryImport(1, 1, 0, 1), first);
        Assert.Equal(new AdvisoryImport(1, 0, 0, 1), second);
        Assert.Null(third);
        Assert.Equal(new AdvisoryImport(1, 0, 1, 0), fourth);
        Assert.Equal(3, sent);
        Assert.Contains(problems, static problem => problem.Contains("EVIL.json", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder.Path, AdvisoryStore.FolderName), "*.md"));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories),
            static file => file.EndsWith("passwd", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("/missing", "the server answers 404")]
    [InlineData("/circle", "more than 5 redirects")]
    [InlineData("/inside", "10.0.0.1 is not a public address")]
    public async Task What_cannot_be_fetched_is_named(string path, string reason)
    {
        var exception = await Assert.ThrowsAsync<IOException>(() => ImportAsync(path));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder.Path, AdvisoryStore.FolderName)));
    }

    [Fact]
    public async Task Without_leave_no_request_goes_to_this_machine()
    {
        using var download = new OutgoingDownload(new GuardedConnector(AllowedNetworks.Public), TimeProvider.System);
        var exception = await Assert.ThrowsAsync<IOException>(() =>
            new AdvisoryDownload(new DataDirectory(folder.Path), download).ImportAsync(Address("/all.zip"), problems.Add, Stop)
        );
        Assert.Contains("127.0.0.1 is not a public address", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, sent);
    }

    [Fact]
    public async Task Hostile_archives_are_refused_and_change_nothing()
    {
        content = Zip(("bomb.json", "{\"id\":\"X\",\"details\":\"" + new string('a', 5 << 20) + "\"}"), ("OSEC-1.md", Advisory));
        Assert.Equal(new AdvisoryImport(1, 1, 0, 1), await ImportAsync("/all.zip"));
        Assert.Contains("bomb.json: an advisory has at most 4 MiB", problems.Single(), StringComparison.Ordinal);

        (tag, content) = ("\"2\"", [.. "PK\u0005\u0006"u8, .. new byte[3]]);
        await Assert.ThrowsAsync<AdvisoryException>(() => ImportAsync("/all.zip"));
        (tag, content) = ("\"3\"", Entries(AdvisoryLimits.MaxFiles + 1));
        var many = await Assert.ThrowsAsync<AdvisoryException>(() => ImportAsync("/all.zip"));
        Assert.Contains("entries", many.Message, StringComparison.Ordinal);
        (tag, content) = ("\"4\"", "<html>"u8.ToArray());
        await Assert.ThrowsAsync<AdvisoryException>(() => ImportAsync("/all.zip"));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(folder.Path, AdvisoryStore.FolderName), "*.md"));
    }

    [Fact]
    public async Task A_site_imports_by_itself_and_a_dismissal_is_in_both_forms_of_VEX()
    {
        content = Zip(("OSEC-1.md", Advisory));
        await using var site = await Site.EmptyAsync(options =>
            options with
            {
                AdvisorySources = [Address("/missing"), Address("/all.zip")],
                AdvisoryNetworks = new AllowedNetworks([new IPNetwork(IPAddress.Loopback, 32)]),
            }
        );
        await site.AddUsersAsync();
        var uuid = Builder.Protocol.Values.BuildUuid.NewRandom();
        var exec = await Uploads.ExecAsync(
            "a",
            uuid,
            Site.Recorded.AddDays(-1),
            [("bin/a", [1]), ("opam-switch", "installed: [\"tls.1.0.3\"]\n"u8.ToArray())]
        );
        using (await site.UploadAsync("admin", "pw-admin", exec)) { }
        await site.IndexedAsync();
        while (!File.Exists(Path.Combine(site.DataDirectory, AdvisoryStore.FolderName, "OSEC-1.md")))
            await Task.Delay(10, Stop);
        site.Clock.Advance(TimeSpan.FromSeconds(5));

        var affected = JsonNode.Parse(await site.Http.GetStringAsync($"/job/a/build/{uuid}/openvex.json", Stop))!["statements"]![0]!;
        Assert.Equal(
            ("affected", "Build again with tls 2 or later."),
            ((string)affected["status"]!, (string)affected["action_statement"]!)
        );
        await AdvisoryStore.DismissAsync(
            new DataDirectory(site.DataDirectory),
            new Dismissal("OSEC-1", "a", "only <servers> are", "2026-11-23T00:00:00Z"),
            Stop
        );
        site.Clock.Advance(TimeSpan.FromSeconds(5));
        var statement = JsonNode.Parse(await site.Http.GetStringAsync($"/job/a/build/{uuid}/openvex.json", Stop))!["statements"]![0]!;
        Assert.Equal(("not_affected", "only <servers> are"), ((string)statement["status"]!, (string)statement["impact_statement"]!));
        Assert.Equal("pkg:opam/tls@1.0.3", (string)statement["products"]![0]!["subcomponents"]![0]!["@id"]!);
        var vulnerability = JsonNode.Parse(await site.Http.GetStringAsync($"/job/a/build/{uuid}/vex.cdx.json", Stop))!["vulnerabilities"]![
            0
        ]!;
        Assert.Equal("not_affected", (string)vulnerability["analysis"]!["state"]!);
        // The link leads to the component in the other document.
        var components = JsonNode.Parse(await site.Http.GetStringAsync($"/job/a/build/{uuid}/sbom.cdx.json", Stop))!;
        var link = ((string)vulnerability["affects"]![0]!["ref"]!).Split('#');
        Assert.Equal($"urn:cdx:{((string)components["serialNumber"]!)["urn:uuid:".Length..]}/1", link[0]);
        Assert.Contains(
            Uri.UnescapeDataString(link[1]),
            components["components"]!.AsArray().Select(static one => (string)one!["bom-ref"]!)
        );
    }

    public async ValueTask InitializeAsync() => await others.StartAsync(Stop);

    public async ValueTask DisposeAsync()
    {
        await others.DisposeAsync();
        folder.Dispose();
    }

    private Uri Address(string path) => new(new Uri(others.Urls.Single()), path);

    private async Task<AdvisoryImport?> ImportAsync(string path)
    {
        using var download = new OutgoingDownload(
            new GuardedConnector(new AllowedNetworks([new IPNetwork(IPAddress.Loopback, 32)])),
            TimeProvider.System
        );
        return await new AdvisoryDownload(new DataDirectory(folder.Path), download).ImportAsync(Address(path), problems.Add, Stop);
    }

    private static byte[] Zip(params (string Name, string Text)[] files)
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return zip.ToArray();
    }

    /// <summary>A central directory of so many entries that all name the same nothing, and an end that says it has one.</summary>
    private static byte[] Entries(int count)
    {
        var archive = new byte[(46 * count) + 22];
        for (var at = 0; at < 46 * count; at += 46)
            "PK\u0001\u0002"u8.CopyTo(archive.AsSpan(at));
        "PK\u0005\u0006"u8.CopyTo(archive.AsSpan(46 * count));
        archive[(46 * count) + 8] = archive[(46 * count) + 10] = 1;
        "PK"u8.CopyTo(archive);
        return archive;
    }
}
