using Builder.Storage.Artifacts;
using Builder.Storage.Maintenance;
using Builder.Storage.Tests.Ingestion;

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
        Assert.Empty(await CollectAsync(new InputIdVerifier(storage.Storage.Database, repair: false).VerifyAsync(TestContext.Current.CancellationToken)));
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

        Assert.Equal(2, findings.Count);
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

        Assert.Null(Assert.Single(await storage.VerifyAsync(repair: true)).Repaired);
        Assert.DoesNotContain(storage.Folder.Files(), path => path.EndsWith("console.txt", StringComparison.Ordinal));
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
            found.Select(finding => finding.Kind).Order().OrderBy(kind => kind.ToString(), StringComparer.Ordinal));
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
                await session.ExecuteAsync("UPDATE build_artifact SET size = 1 WHERE filepath = 'bin/hello'", TestContext.Current.CancellationToken);
                await session.ExecuteAsync(
                    "UPDATE build SET main_sha256 = @wrong, input_id = NULL", TestContext.Current.CancellationToken, ("@wrong", Sha256Digest.Of("other"u8)));
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(2, (await storage.VerifyAsync()).Count(finding => finding.Kind == FindingKind.Inconsistent));
        Assert.All(await storage.VerifyAsync(repair: true), finding => Assert.NotNull(finding.Repaired));
        Assert.Empty(await storage.VerifyAsync());

        var inputs = await CollectAsync(new InputIdVerifier(storage.Storage.Database, repair: true).VerifyAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(Assert.Single(inputs).Repaired);
        Assert.Empty(await CollectAsync(new InputIdVerifier(storage.Storage.Database, repair: false).VerifyAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Pictures_of_inputs_that_are_gone_are_found_and_deleted()
    {
        using var folder = await DataFolder.UnpackAsync("web/datadir.tar.gz", "web");
        await folder.MigrateAsync();
        await using var storage = await StorageFixture.OpenAsync(folder);
        Directory.CreateDirectory(folder["_cache/treemap_4"]);
        await File.WriteAllTextAsync(folder[$"_cache/treemap_4/{Sha256Digest.Of("gone"u8)}.html"], "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["_cache/treemap_4/notes.txt"], "", TestContext.Current.CancellationToken);
        var pictures = folder.Files().Count(path => path.StartsWith("_cache", StringComparison.Ordinal));

        var findings = await CollectAsync(new CacheVerifier(storage.Storage, repair: true).VerifyAsync(TestContext.Current.CancellationToken));

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
