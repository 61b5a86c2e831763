using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Builder.Storage.Database;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Builder.Web.Tests;

/// <summary>No page goes through all builds: what each asks of the database is caught, and SQLite is asked how it would answer.</summary>
[Collection(Alone)]
public sealed partial class QueryPlanTests(FilledSite filled, ITestOutputHelper output) : IClassFixture<FilledSite>
{
    /// <summary>The queries of tests beside it would be caught, too.</summary>
    public const string Alone = "Queries are listened to";

    private const string Difference = "/compare/de9aa117-ee32-4e5c-9f5e-4af061420a4b/4e467a04-af65-4b95-9a98-d426445e1feb/difference";

    private const string Build = "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb";

    /// <summary>One address at least for each route that asks the database; <see cref="RouteTests"/> says which is missing.</summary>
    internal static readonly string[] Pages =
    [
        "/",
        "/all-builds",
        "/?show=failing",
        "/?sort=size&start=1",
        "/failed-builds",
        "/failed-builds?platform=debian-12&start=1",
        "/failed-builds?fingerprint=0123456789abcdef",
        "/feed.atom",
        "/failures.atom",
        "/verdicts.atom",
        "/packages.atom",
        "/job/hello/history",
        "/job/hello/history.csv",
        "/job/hello/feed.atom",
        "/job/hello/badge.svg",
        "/job/hello/badge.json?show=reproducible",
        "/job/hello/badge.json?show=version",
        "/triage/4e467a04-af65-4b95-9a98-d426445e1feb",
        "/job/dns-primary/build/03babfb2-e8e7-418d-9c8b-fd1133bee476",
        "/job/hello",
        "/job/hello?platform=debian-12",
        "/job/hello/failed",
        "/job/hello/build/latest",
        "/job/hello/build/latest?platform=debian-12",
        Build,
        Build + "/f/bin/hello.hvt",
        Build + "/main-binary",
        Build + "/script",
        Build + "/console",
        "/hash?sha256=4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8",
        "/job/hello/build/400de0f8-a250-4b60-90ac-3428a3ca3ec2",
        Build + "/exec",
        Build + "/all.tar.gz",
        Build + "/sbom.cdx.json",
        Build + "/sbom.spdx.json",
        Build + "/openvex.json",
        Build + "/vex.cdx.json",
        Build + "/proof",
        Build + "/attestations.sigstore.jsonl",
        Build + "/provenance.pub",
        Build + "/provenance",
        Build + "/attestations",
        "/hash?sha256=4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8&attestations",
        "/.well-known/builder-keys.json",
        "/package/opam/ocaml",
        "/package/opam/ocaml?versions=%3C4",
        "/advisories",
        "/package/opam/ocaml/4.14.2",
        "/build/4e467a04-af65-4b95-9a98-d426445e1feb/advisories",
        "/advisories.atom",
        Build + "/advisories",
        "/search?q=opam%3Aocaml",
        "/search?q=%22hello%22",
        "/search?q=%22hello%22&job=hello",
        "/search?q=c_helper_dns",
        "/search?q=symbol%3Ac_helper_dns",
        "/search/suggestions?q=hel",
        "/symbol/c_helper_dns",
        Build + "/log",
        Build + "/viztreemap",
        Build + "/vizdependencies",
        "/activity/4e467a04-af65-4b95-9a98-d426445e1feb",
        "/notifications",
        Difference,
        Difference + "/0",
        "/compare/4e467a04-af65-4b95-9a98-d426445e1feb/8e621bd5-e8d1-4d4e-94c8-f9fd28a5089b",
        "/log",
        "/log/entry/5",
        Build + "/f/bin/hello.hvt?proof",
        "/rebuilders",
        "/rebuilders/builds",
        "/rebuilders/builds?job=hello",
        "/api/v0/pkgs/list",
        "/api/v1/packages/binary",
        "/api/v1/packages/source",
        "/api/v1/builds",
        "/api/v1/dashboard",
        "/api/v1/meta/distributions",
        "/api/v1/meta/distributions/debian/releases",
        "/api/v1/meta/distributions/debian/architectures",
        "/api/v1/meta/distributions/debian/releases/debian-12/architectures",
        "/api/v1/meta/public-keys",
        Build + "/rebuilders",
        $"{Build}/rebuilders/{TestedStatements.Rebuilt}",
        "/search?q=4e467a04-af65",
        "/search?q=4b1ecce45c7a",
    ];

    /// <summary>What is not there, or not yet.</summary>
    internal static readonly string[] Absent =
    [
        "/api/v1/packages/binary/1",
        "/api/v1/packages/source/1",
        "/api/v1/builds/1",
        "/api/v1/builds/1/log",
        "/api/v1/builds/1/artifacts",
        "/api/v1/builds/1/artifacts/1",
        "/api/v1/builds/1/artifacts/1/attestation",
        "/sources/hello/1.0.0/metadata",
        "/advisories/OSEC-2099-01",
        Build + "/buildinfo",
        Build + "/SHA256.sig",
        Build + "/main-binary.minisig",
        Build + "/quorum.tar.gz",
        "/.well-known/builder-files.pub",
        "/job/hello/build/400de0f8-a250-4b60-90ac-3428a3ca3ec2/provenance.sigstore.json",
        "/job/hello/build/b92c500e-03fc-44d9-95de-50e5e6f91479",
        $"/hash?sha256={new string('0', 64)}",
        "/compare/b92c500e-03fc-44d9-95de-50e5e6f91479/b92c500e-03fc-44d9-95de-50e5e6f91479",
    ];

    [Fact]
    public async Task Every_query_of_every_page_goes_by_an_index()
    {
        var pageQueries = await QueriesOfPagesAsync(filled.Http);
        await using var connection = new SqliteConnection(
            $"Data Source={filled.Site.DataDirectory}/builder.sqlite3;Mode=ReadOnly;Pooling=false"
        );
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var scans = new List<string>();
        foreach (var sql in pageQueries)
        {
            var plan = await ExplainAsync(connection, sql);
            output.WriteLine($"{sql}\n{string.Join('\n', plan.Select(step => "    " + step))}\n");
            scans.AddRange(plan.Where(step => FullScan().IsMatch(step) || IsSort(step, sql)).Select(step => $"{step}: {sql}"));
        }
        Assert.Empty(scans);
    }

    /// <summary>What PostgreSQL would rather do depends on what it has counted; told to avoid going through whole tables, it does so only where it has no other way.</summary>
    [Fact]
    public async Task PostgreSql_has_an_index_for_every_query_of_every_page_as_well()
    {
        // Pages that another test has asked for are kept, and ask nothing.
        await using var pages = await Site.FilledAsync(prepare: TestedLog.MakeAsync);
        await TestedStatements.AddAsync(pages);
        await pages.IndexedAsync();
        var pageQueries = await QueriesOfPagesAsync(pages.Http);
        await using var site = await Engines.EmptySiteAsync(DatabaseEngine.PostgreSql);
        await using var connection = new NpgsqlConnection(site.Database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(
            connection,
            "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan"
        );
        var scans = new List<string>();
        foreach (var sql in pageQueries)
        {
            var plan = await ExplainAsync(connection, sql);
            output.WriteLine($"{sql}\n{string.Join('\n', plan.Select(step => "    " + step))}\n");
            scans.AddRange(plan.Where(step => WholeTable().IsMatch(step)).Select(step => $"{step.Trim()}: {sql}"));
        }
        Assert.Empty(scans);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<List<string>> ExplainAsync(NpgsqlConnection connection, string sql)
    {
        var names = Parameter().Matches(sql).Select(match => match.Value).Distinct().ToList();
        // Rows of VALUES are of the type that the parameters have, which nobody says here: hashes.
        var type = sql.Contains("VALUES (@value0)", StringComparison.Ordinal) ? "::bytea" : "";
        await ExecuteAsync(
            connection,
            $"PREPARE explained AS {Parameter().Replace(sql, match => $"${names.IndexOf(match.Value) + 1}{(match.Value.StartsWith("@value", StringComparison.Ordinal) ? type : "")}")}"
        );
        var arguments = names.Count == 0 ? "" : $"({string.Join(", ", names.Select(_ => "NULL"))})";
        var steps = new List<string>();
        await using (var command = new NpgsqlCommand($"EXPLAIN (COSTS OFF) EXECUTE explained{arguments}", connection))
        await using (var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
        {
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                steps.Add(reader.GetString(0));
        }
        await ExecuteAsync(connection, "DEALLOCATE explained");
        return steps;
    }

    private static async Task<List<string>> QueriesOfPagesAsync(HttpClient http)
    {
        var queries = new ConcurrentDictionary<string, bool>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StorageTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => queries[(string)activity.GetTagItem(StorageTracing.QueryTag)!] = true,
        };
        ActivitySource.AddActivityListener(listener);

        foreach (var page in Pages)
        {
            using var answer = await http.GetAsync(page, TestContext.Current.CancellationToken);
            Assert.True((int)answer.StatusCode < 400, $"{page}: {answer.StatusCode}");
        }

        // What is not there may have been there: the memory of removed builds is asked.
        foreach (var page in Absent)
        {
            using var answer = await http.GetAsync(page, TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
        }

        var pageQueries = queries.Keys.Where(sql => sql.Contains("SELECT", StringComparison.Ordinal)).Order().ToList();
        Assert.True(pageQueries.Count > 12, $"only {pageQueries.Count} queries were seen");
        return pageQueries;
    }

    private static async Task<List<string>> ExplainAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        foreach (var name in Parameter().Matches(sql).Select(match => match.Value).Distinct())
            command.Parameters.AddWithValue(name, 1);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var steps = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            steps.Add(reader.GetString(3));
        return steps;
    }

    /// <summary>A build's artifacts, builds that share an artifact or an input, repetitions of what a page shows, the outputs of a job and the sizes of its last builds are few enough to be sorted; what else is in order comes so from its index.</summary>
    private static bool IsSort(string step, string sql) =>
        step.Contains("TEMP B-TREE", StringComparison.Ordinal) && !FewRows().IsMatch(sql);

    [GeneratedRegex(
        @"artifact\.sha256 = @hash|input_id = @input|WHERE build = @build|SELECT DISTINCT name FROM package|FROM shown|FROM repetition|shown\.id IN|SELECT newest\.id"
    )]
    private static partial Regex FewRows();

    /// <summary>
    /// Going through a table that grows with builds, whole, whether by itself or by an index. What a partial index of failed or latest builds leaves is
    /// gone through in order until the page is full.
    /// </summary>
    [GeneratedRegex(
        @"^SCAN (build|other|good|bad|build_artifact|artifact|main|removed_\w+|package\w*|search_(document|tail|block)|repetition)\b(?!.*idx_build_failed_(start|platform))"
    )]
    private static partial Regex FullScan();

    [GeneratedRegex(
        @"Seq Scan on (build|build_artifact|removed_\w+|statement\w*|attestation_task|package\w*|search_(document|tail|block)|repetition)\b"
    )]
    private static partial Regex WholeTable();

    [GeneratedRegex(@"@\w+")]
    private static partial Regex Parameter();
}

[CollectionDefinition(QueryPlanTests.Alone, DisableParallelization = true)]
public sealed class QueryPlanCollection;
