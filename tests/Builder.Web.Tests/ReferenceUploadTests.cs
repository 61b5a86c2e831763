using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Database;

namespace Builder.Web.Tests;

/// <summary>
/// The answers of the reference program while its data directory was filled: on an empty one, build by build, and with access given to a
/// restricted user. Ours is filled in the same way and answers the same, but for <see cref="Differences"/>.
/// </summary>
public abstract class ReferenceUploadTests(DatabaseEngine engine, bool objects = false)
{
    public sealed class OnSqlite() : ReferenceUploadTests(DatabaseEngine.Sqlite);

    public sealed class OnPostgreSql() : ReferenceUploadTests(DatabaseEngine.PostgreSql);

    public sealed class OnPostgreSqlAndS3() : ReferenceUploadTests(DatabaseEngine.PostgreSql, objects: true);

    private const string Malformed = "a malformed upload is the sender's fault, not the server's (spec)";
    private const string Restricted = "who is known but may not write this job is forbidden (spec)";

    private static readonly (string Name, int Status, string Reason)[] Differences =
    [
        ("malformed-empty", 400, Malformed),
        ("malformed-text", 400, Malformed),
        ("malformed-truncated", 400, Malformed),
        ("malformed-trailing", 400, Malformed),
        ("restricted-job-not-existing", 403, Restricted),
        ("restricted-existing-job-no-access", 403, Restricted),
        ("restricted-other-job", 403, Restricted),
        ("binary-restricted", 403, Restricted),
        ("put-upload", 405, "a method that an address does not have is answered with those it has (RFC 9110, 15.5.6)"),
    ];

    /// <summary>Each asks the database its own questions.</summary>
    private static readonly string[] Pages =
    [
        "/",
        "/all-builds",
        "/failed-builds?platform=debian-12&start=1",
        "/job/hello",
        "/job/hello?platform=freebsd-14",
        "/job/hello/failed",
        "/job/hello/build/latest",
        Hello,
        Hello + "/f/bin/hello.hvt",
        Hello + "/main-binary",
        Hello + "/log",
        Hello + "/console",
        Hello + "/script",
        Hello + "/exec",
        Hello + "/all.tar.gz",
        Hello + "/viztreemap",
        Hello + "/vizdependencies",
        "/compare/4e467a04-af65-4b95-9a98-d426445e1feb/de9aa117-ee32-4e5c-9f5e-4af061420a4b",
        "/hash?sha256=4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8",
        "/search?q=unikernel",
    ];

    private const string Hello = "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb";

    [Fact]
    public async Task An_empty_site_answers_as_the_reference_did()
    {
        await using var site = await Engines.EmptySiteAsync(engine, objects);
        await ReplayAsync(site, "empty", 7);
    }

    [Fact]
    public async Task Filling_it_goes_as_with_the_reference_until_both_hold_the_same()
    {
        await using var site = await Engines.EmptySiteAsync(engine, objects);
        await using var database = await BuilderDatabase.OpenAsync(site.Database, TestContext.Current.CancellationToken);
        var users = new UserAdministration(database);
        var cheap = new ScryptParameters(16, 1, 1);
        foreach (var (name, isRestricted) in new[] { ("admin", false), ("restr", true), ("gone", false) })
            await users.AddAsync(name, "pw-" + name, isRestricted, cheap, TestContext.Current.CancellationToken);
        await users.DisableAsync("gone", TestContext.Current.CancellationToken);

        await ReplayAsync(site, "upload", 57);
        await users.AddAccessAsync("restr", JobName.Parse("hello"), TestContext.Current.CancellationToken);
        await ReplayAsync(site, "restricted", 2);

        // All of the reference's builds, and the four binaries, are there.
        await using var session = await database.OpenReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            Uploads.All.Count + 4,
            await session.IntegerAsync("SELECT COUNT(*) FROM build", TestContext.Current.CancellationToken)
        );
        foreach (var page in Pages)
        {
            using var answer = await site.Http.GetAsync(page, TestContext.Current.CancellationToken);
            Assert.True((int)answer.StatusCode is 200 or 302 or 307, $"{page}: {answer.StatusCode}");
        }
    }

    /// <summary>In the order in which the requests were made: each finds what those before it have left.</summary>
    private static async Task ReplayAsync(Site site, string phase, int expected)
    {
        var cases = ReferenceCase.All.Where(one => one.Phase == phase).ToList();
        Assert.Equal(expected, cases.Count);
        var wrong = new List<string>();
        foreach (var one in cases)
        {
            var answer = await one.SendAsync(site.Web.Address, TestContext.Current.CancellationToken);
            var difference = Array.Find(Differences, known => known.Name == one.Name);
            if (answer.Status != (difference.Reason is null ? one.Status : difference.Status))
                wrong.Add($"{one.Name}: {answer.Status}, the reference {one.Status}");
            else if (difference.Reason is null && one.Status < 400 && one.Header("content-type") != answer.Header("Content-Type"))
                wrong.Add($"{one.Name}: {answer.Header("Content-Type")}, the reference {one.Header("content-type")}");
            else if (answer.Status == 401 && one.Header("www-authenticate") != answer.Header("WWW-Authenticate"))
                wrong.Add($"{one.Name}: {answer.Header("WWW-Authenticate")}, the reference {one.Header("www-authenticate")}");
            else if (difference.Reason is null && one.Body is { } body && one.Name != "robots" && !body.AsSpan().SequenceEqual(answer.Body))
                wrong.Add(
                    $"{one.Name}: {System.Text.Encoding.UTF8.GetString(answer.Body)}, the reference {System.Text.Encoding.UTF8.GetString(body)}"
                );
        }
        Assert.Empty(wrong);
    }
}
