using System.Diagnostics;
using Builder.Analysis.Values;
using Builder.Storage.Maintenance;
using Builder.Storage.Tests.Ingestion;
using Builder.Testing;

namespace Builder.Storage.Tests.Maintenance;

public sealed class DataDirectoryVerifierTests
{
    private static readonly Sha256Digest Binary = Sha256Digest.Of("binary"u8);

    [Fact]
    public async Task A_directory_of_the_reference_is_in_order()
    {
        using var folder = await DataFolder.UnpackAsync("web/datadir.tar.gz", "web");
        await folder.MigrateAsync();
        await using var storage = await StorageFixture.OpenAsync(folder);

        Assert.Empty(await storage.VerifyAsync());
        Assert.Empty(
            await CollectAsync(
                new InputIdVerifier(storage.Storage.Database, repair: false).VerifyAsync(TestContext.Current.CancellationToken)
            )
        );
    }

    [Fact]
    public async Task Missing_files_of_which_there_is_no_other_copy_are_found_and_cannot_be_repaired()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        File.Delete(Place(storage, Binary));
        File.Delete(OfBuild(storage, "console.txt"));
        File.Delete(OfBuild(storage, "exec"));

        var findings = await storage.VerifyAsync(repair: true);

        // The exec is missed because what it withholds is still there.
        Assert.Equal(3, findings.Count);
        Assert.All(findings, finding => Assert.Equal((FindingKind.Missing, null), (finding.Kind, finding.Repaired)));
    }

    [Theory]
    [InlineData("console.txt")]
    [InlineData("script.txt")]
    public async Task A_lost_text_is_written_anew_from_the_kept_exec_byte_for_byte(string name)
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        var lost = OfBuild(storage, name);
        var before = await File.ReadAllBytesAsync(lost, TestContext.Current.CancellationToken);
        Assert.NotEmpty(before);
        File.Delete(lost);

        var found = Assert.Single(await storage.VerifyAsync());
        Assert.Equal((FindingKind.Missing, null), (found.Kind, found.Repaired));
        Assert.NotNull(Assert.Single(await storage.VerifyAsync(repair: true)).Repaired);

        Assert.Equal(before, await File.ReadAllBytesAsync(lost, TestContext.Current.CancellationToken));
        Assert.Empty(await storage.VerifyAsync());
        Assert.Empty(Directory.GetFileSystemEntries(storage.Folder["_staging"]));
    }

    [Fact]
    public async Task A_text_cannot_be_had_from_an_exec_that_is_damaged()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        File.Delete(OfBuild(storage, "console.txt"));
        await File.WriteAllBytesAsync(OfBuild(storage, "exec"), [0x30, 0x80, 1, 2, 3], TestContext.Current.CancellationToken);

        var findings = await storage.VerifyAsync(repair: true);

        Assert.Equal([FindingKind.Missing, FindingKind.Changed], findings.Select(finding => finding.Kind));
        Assert.Null(findings[0].Repaired);
        Assert.StartsWith("moved to _lost/", findings[1].Repaired, StringComparison.Ordinal);
        Assert.DoesNotContain(storage.Folder.Files(), path => path.EndsWith("console.txt", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Contents_that_were_exchanged_are_put_right()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        var places = new[] { "binary", "sources", "gcc=12" }
            .Select(text => Place(storage, Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(text))))
            .ToArray();
        var aside = storage.Folder["aside"];
        File.Move(places[0], aside);
        File.Move(places[1], places[0]);
        File.Move(places[2], places[1]);
        File.Move(aside, places[2]);

        Assert.All(await storage.VerifyAsync(), finding => Assert.Equal(FindingKind.Misplaced, finding.Kind));
        Assert.All(await storage.VerifyAsync(repair: true), finding => Assert.Equal("moved there", finding.Repaired));

        Assert.Empty(await storage.VerifyAsync());
        Assert.Equal(["binary", "sources", "gcc=12"], places.Select(File.ReadAllText));
    }

    [Fact]
    public async Task A_directory_in_an_artifact_s_place_gives_way_to_the_content_inside_it()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        var place = Place(storage, Binary);
        File.Move(place, storage.Folder["aside"]);
        Directory.CreateDirectory(place);
        File.Move(storage.Folder["aside"], Path.Combine(place, "inside"));

        Assert.Equal(
            [FindingKind.Misplaced, FindingKind.Extra, FindingKind.Missing],
            (await storage.VerifyAsync()).Select(finding => finding.Kind)
        );
        Assert.All(await storage.VerifyAsync(repair: true), finding => Assert.NotNull(finding.Repaired));

        Assert.Empty(await storage.VerifyAsync());
        Assert.Equal("binary", await File.ReadAllTextAsync(place, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Links_are_found_and_nothing_behind_them_is_touched()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        using var outside = new TemporaryDirectory();
        var precious = outside["b92c500e-03fc-44d9-95de-50e5e6f91479"];
        await File.WriteAllTextAsync(precious, "precious", TestContext.Current.CancellationToken);
        File.Move(Place(storage, Binary), outside["binary"]);
        File.CreateSymbolicLink(Place(storage, Binary), outside["binary"]);
        var sources = Place(storage, Sha256Digest.Of("sources"u8));
        File.Delete(sources);
        File.CreateSymbolicLink(sources, "/nowhere");
        Directory.CreateSymbolicLink(storage.Folder["_artifacts/loop"], storage.Folder["_artifacts"]);
        Directory.CreateSymbolicLink(storage.Folder["_artifacts/outside"], outside.Path);
        Directory.CreateSymbolicLink(storage.Folder["job"], outside.Path);

        var found = await storage.VerifyAsync();
        Assert.Equal(
            [FindingKind.Changed, FindingKind.Extra, FindingKind.Extra, FindingKind.Misplaced],
            found.Select(finding => finding.Kind).OrderBy(kind => kind.ToString(), StringComparer.Ordinal)
        );
        var repaired = await storage.VerifyAsync(repair: true);
        // What the link to nowhere stood for is missing now that it is away.
        Assert.Equal(FindingKind.Missing, Assert.Single(repaired, finding => finding.Repaired is null).Kind);

        Assert.Equal(FindingKind.Missing, Assert.Single(await storage.VerifyAsync()).Kind);
        Assert.Null(new FileInfo(Place(storage, Binary)).LinkTarget);
        Assert.Equal("binary", await File.ReadAllTextAsync(Place(storage, Binary), TestContext.Current.CancellationToken));
        Assert.Equal([precious, outside["binary"]], Directory.GetFileSystemEntries(outside.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Pipes_in_the_place_of_files_are_found_and_not_waited_for()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        string[] pipes =
        [
            Place(storage, Binary),
            storage.Folder["_artifacts/pipe"],
            OfBuild(storage, "script.txt"),
            OfBuild(storage, "exec"),
            Path.Combine(Path.GetDirectoryName(OfBuild(storage, "exec"))!, "pipe"),
        ];
        foreach (var pipe in pipes)
        {
            File.Delete(pipe);
            using var making = Process.Start("mkfifo", [pipe]);
            await making.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, making.ExitCode);
        }

        var found = await storage.VerifyAsync();
        Assert.Equal(
            [FindingKind.Changed, FindingKind.Changed, FindingKind.Extra, FindingKind.Extra, FindingKind.Extra, FindingKind.Missing],
            found.Select(finding => finding.Kind).OrderBy(kind => kind.ToString(), StringComparer.Ordinal)
        );
        await storage.VerifyAsync(repair: true);
        // Nothing is left to write the script, the exec and the artifact from; what was extra is out of the way.
        Assert.Equal(
            [FindingKind.Changed, FindingKind.Changed, FindingKind.Missing],
            (await storage.VerifyAsync()).Select(finding => finding.Kind).OrderBy(kind => kind.ToString(), StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Texts_and_withheld_files_that_are_not_what_the_exec_says_are_found_and_those_cut_off_written_whole()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        var console = await File.ReadAllTextAsync(OfBuild(storage, "console.txt"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(OfBuild(storage, "console.txt"), console[..5], TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(OfBuild(storage, "script.txt"), "rm -rf /", TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(OfBuild(storage, "withheld/0"), "more", TestContext.Current.CancellationToken);
        File.Delete(OfBuild(storage, "withheld/1"));
        await File.WriteAllTextAsync(
            Path.Combine(Path.GetDirectoryName(OfBuild(storage, "exec"))!, "notes"),
            "",
            TestContext.Current.CancellationToken
        );

        var found = await storage.VerifyAsync(repair: true);

        Assert.Equal(
            ["Changed 0 False", "Missing 1 False", "Changed script.txt False", "Changed console.txt True", "Extra notes True"],
            found.Select(finding => $"{finding.Kind} {Path.GetFileName(finding.Path)} {finding.Repaired is not null}")
        );
        Assert.Equal(console, await File.ReadAllTextAsync(OfBuild(storage, "console.txt"), TestContext.Current.CancellationToken));
        // Where the operator decides for the exec, it is enough to remove the other.
        File.Delete(OfBuild(storage, "script.txt"));
        Assert.Equal(3, (await storage.VerifyAsync(repair: true)).Count);
        Assert.Equal(2, (await storage.VerifyAsync()).Count);
    }

    [Fact]
    public async Task An_exec_that_contradicts_the_tables_is_found()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        await storage.Storage.Database.WriteAsync(
            async session =>
                await session.ExecuteAsync("UPDATE build SET finish_ps = finish_ps + 1000000000", TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken
        );

        var finding = Assert.Single(await storage.VerifyAsync(repair: true));

        Assert.Equal((FindingKind.Changed, null), (finding.Kind, finding.Repaired));
        Assert.Contains("times", finding.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other/b92c500e-03fc-44d9-95de-50e5e6f91479")]
    [InlineData("hello/renamed")]
    public async Task A_build_s_folder_in_another_place_is_moved_back(string place)
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        var home = Path.GetDirectoryName(OfBuild(storage, "exec"))!;
        Directory.CreateDirectory(Path.GetDirectoryName(storage.Folder[place])!);
        Directory.Move(home, storage.Folder[place]);

        Assert.Equal(FindingKind.Misplaced, (await storage.VerifyAsync())[0].Kind);
        Assert.Equal("moved there", Assert.Single(await storage.VerifyAsync(repair: true)).Repaired);
        Assert.Empty(await storage.VerifyAsync());
    }

    [Fact]
    public async Task Rows_with_names_and_paths_that_cannot_be_are_found_and_the_files_they_mean_stay_where_they_are()
    {
        await using var storage = await StorageFixture.CreateAsync();
        foreach (var job in new[] { "hello", "odd", "upper" })
            await storage.UploadAsync(SampleExec.Whole(job: job));
        await storage.Storage.Database.WriteAsync(
            async session =>
                await session.ExecuteAsync(
                    """
                    UPDATE build SET console = '../../etc/passwd' WHERE job = (SELECT id FROM job WHERE name = 'hello');
                    UPDATE build SET uuid = upper(uuid) WHERE job = (SELECT id FROM job WHERE name = 'upper');
                    UPDATE job SET name = '../x' WHERE name = 'odd';
                    """,
                    TestContext.Current.CancellationToken
                ),
            TestContext.Current.CancellationToken
        );
        var files = storage.Folder.Files();

        Assert.Equal(3, (await storage.VerifyAsync()).Count(finding => finding.Kind == FindingKind.Inconsistent));
        Assert.Single(await storage.VerifyAsync(repair: true), finding => finding.Repaired is not null);

        Assert.Equal(2, (await storage.VerifyAsync()).Count);
        Assert.Equal(files, storage.Folder.Files());
    }

    [Fact]
    public async Task A_main_binary_of_another_build_and_a_build_remembered_as_removed_are_put_right()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole(binary: "one"));
        await storage.UploadAsync(SampleExec.Whole(binary: "two"));
        await storage.Storage.Database.WriteAsync(
            async session =>
                await session.ExecuteAsync(
                    """
                    UPDATE build SET main_binary = (SELECT MAX(main_binary) FROM build);
                    INSERT INTO removed_build (uuid, job, platform, start_d, start_ps, finish_d, finish_ps, result_kind, result_number, removed_d, removed_ps)
                    SELECT uuid, 'hello', platform, 1, 1, 1, 1, 0, 0, 1, 1 FROM build WHERE id = 1;
                    """,
                    TestContext.Current.CancellationToken
                ),
            TestContext.Current.CancellationToken
        );

        Assert.All(await storage.VerifyAsync(repair: true), finding => Assert.NotNull(finding.Repaired));

        Assert.Empty(await storage.VerifyAsync());
        Assert.Equal(
            ["one", "two"],
            await storage.RowsAsync(
                "SELECT sha256 FROM build JOIN build_artifact ON build_artifact.id = main_binary ORDER BY build.id",
                row => row.Digest(0) == Sha256Digest.Of("one"u8) ? "one" : "two"
            )
        );
    }

    [Fact]
    public async Task A_changed_file_is_found_by_its_bytes()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        await File.WriteAllTextAsync(Place(storage, Binary), "BINARY", TestContext.Current.CancellationToken);

        var finding = Assert.Single(await storage.VerifyAsync(repair: true));

        Assert.Equal((FindingKind.Changed, null), (finding.Kind, finding.Repaired));
        Assert.Contains(Sha256Digest.Of("BINARY"u8).ToString(), finding.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Misplaced_and_extra_files_are_found_and_repaired()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        File.Move(Place(storage, Binary), storage.Folder["_artifacts/elsewhere"]);
        var extra = Sha256Digest.Of("extra"u8);
        Directory.CreateDirectory(Path.GetDirectoryName(Place(storage, extra))!);
        await File.WriteAllTextAsync(Place(storage, extra), "extra", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(storage.Folder["hello/b92c500e-03fc-44d9-95de-50e5e6f91479"]);

        var found = await storage.VerifyAsync();
        Assert.Equal(
            [FindingKind.Extra, FindingKind.Extra, FindingKind.Misplaced, FindingKind.Missing],
            found.Select(finding => finding.Kind).Order().OrderBy(kind => kind.ToString(), StringComparer.Ordinal)
        );
        Assert.All(found, finding => Assert.Null(finding.Repaired));

        var repaired = await storage.VerifyAsync(repair: true);
        Assert.Equal(3, repaired.Count);
        Assert.All(repaired, finding => Assert.NotNull(finding.Repaired));
        Assert.Empty(await storage.VerifyAsync());
        Assert.Equal("binary", await File.ReadAllTextAsync(Place(storage, Binary), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Rows_with_a_wrong_size_main_binary_or_input_id_are_found_and_repaired()
    {
        await using var storage = await StorageFixture.CreateAsync();
        await storage.UploadAsync(SampleExec.Whole());
        await storage.Storage.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "UPDATE build_artifact SET size = 1 WHERE filepath = 'bin/hello'",
                    TestContext.Current.CancellationToken
                );
                await session.ExecuteAsync(
                    "UPDATE build SET main_sha256 = @wrong, input_id = NULL",
                    TestContext.Current.CancellationToken,
                    ("@wrong", Sha256Digest.Of("other"u8))
                );
            },
            TestContext.Current.CancellationToken
        );

        Assert.Equal(2, (await storage.VerifyAsync()).Count(finding => finding.Kind == FindingKind.Inconsistent));
        Assert.All(await storage.VerifyAsync(repair: true), finding => Assert.NotNull(finding.Repaired));
        Assert.Empty(await storage.VerifyAsync());

        var inputs = await CollectAsync(
            new InputIdVerifier(storage.Storage.Database, repair: true).VerifyAsync(TestContext.Current.CancellationToken)
        );
        Assert.NotNull(Assert.Single(inputs).Repaired);
        Assert.Empty(
            await CollectAsync(
                new InputIdVerifier(storage.Storage.Database, repair: false).VerifyAsync(TestContext.Current.CancellationToken)
            )
        );
    }

    [Fact]
    public async Task Pictures_of_inputs_that_are_gone_are_found_and_deleted()
    {
        using var folder = await DataFolder.UnpackAsync("web/datadir.tar.gz", "web");
        await folder.MigrateAsync();
        await using var storage = await StorageFixture.OpenAsync(folder);
        Directory.CreateDirectory(folder["_cache/treemap_4"]);
        await File.WriteAllTextAsync(
            folder[$"_cache/treemap_4/{Sha256Digest.Of("gone"u8)}.html"],
            "",
            TestContext.Current.CancellationToken
        );
        await File.WriteAllTextAsync(folder["_cache/treemap_4/notes.txt"], "", TestContext.Current.CancellationToken);
        var pictures = folder.Files().Count(path => path.StartsWith("_cache", StringComparison.Ordinal));

        var findings = await CollectAsync(
            new CacheVerifier(storage.Storage, repair: true).VerifyAsync(TestContext.Current.CancellationToken)
        );

        Assert.Equal(2, findings.Count);
        Assert.Equal(pictures - 2, folder.Files().Count(path => path.StartsWith("_cache", StringComparison.Ordinal)));
    }

    private static string OfBuild(StorageFixture storage, string name) =>
        storage.Folder[storage.Folder.Files().Single(path => path.EndsWith("/" + name, StringComparison.Ordinal))];

    private static string Place(StorageFixture storage, Sha256Digest digest) => storage.Storage.Directory.OfArtifact(digest);

    private static async Task<List<Finding>> CollectAsync(IAsyncEnumerable<Finding> findings)
    {
        var all = new List<Finding>();
        await foreach (var finding in findings)
            all.Add(finding);
        return all;
    }
}
