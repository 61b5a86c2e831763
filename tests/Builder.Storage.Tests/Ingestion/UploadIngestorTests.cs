using System.Text;
using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Values;
using Builder.Testing;

namespace Builder.Storage.Tests.Ingestion;

public abstract class UploadIngestorTests(DatabaseEngine engine, bool objects = false)
{
    public sealed class OnSqlite() : UploadIngestorTests(DatabaseEngine.Sqlite);

    public sealed class OnPostgreSql() : UploadIngestorTests(DatabaseEngine.PostgreSql);

    public sealed class OnPostgreSqlAndS3() : UploadIngestorTests(DatabaseEngine.PostgreSql, objects: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_uploads_of_the_reference_become_what_it_made_of_them()
    {
        await using var ours = await StorageFixture.CreateAsync(engine, objects);
        foreach (var file in UploadsInOrder())
            Assert.IsType<UploadResult.Stored>(await ours.UploadAsync(Vectors.Read("web/" + file)));

        using var folder = await DataFolder.UnpackAsync("web/datadir.tar.gz", "web");
        await folder.MigrateAsync();
        await using var reference = await StorageFixture.OpenAsync(folder);
        var uploaded = string.Join(',', (await ours.RowsAsync("SELECT uuid FROM build", row => $"'{row.Text(0)}'")).Order());
        foreach (
            var query in new[]
            {
                $"""
                    SELECT build.uuid || ' ' || job.name || ' ' || platform || ' ' || start_d || ' ' || start_ps || ' ' || finish_d || ' ' || finish_ps || ' ' || result_kind
                        || ' ' || COALESCE(CAST(result_number AS TEXT), '-') || ' ' || COALESCE(result_msg, '-') || ' ' || console || ' ' || script, input_id, main_sha256
                    FROM build
                    JOIN job ON job.id = build.job
                    WHERE uuid IN ({uploaded})
                    ORDER BY uuid
                    """,
                $"""
                    SELECT build.uuid || ' ' || filepath || ' ' || size, sha256, sha256
                    FROM build_artifact
                    JOIN build ON build.id = build_artifact.build
                    WHERE uuid IN ({uploaded})
                    ORDER BY uuid, filepath
                    """,
            }
        )
        {
            var expected = await reference.RowsAsync(query, Line);
            Assert.NotEmpty(expected);
            Assert.Equal(expected, await ours.RowsAsync(query, Line));
        }
        foreach (
            var path in ours
                .Folder.Files()
                .Where(path =>
                    path.EndsWith("/console.txt", StringComparison.Ordinal) || path.EndsWith("/script.txt", StringComparison.Ordinal)
                )
        )
            Assert.Equal(await File.ReadAllBytesAsync(folder[path], Cancellation), await ours.ReadAsync(path));
        Assert.Empty(await ours.VerifyAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(ours.Folder["_staging"]));
    }

    private static string Line(Row row) => $"{row.Text(0)} {row.DigestOrNull(1)} {row.DigestOrNull(2)}";

    [Fact]
    public async Task Section_synopsis_description_and_readme_are_kept_with_the_job()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);

        await storage.UploadAsync(Vectors.Read("web/uploads/hello-d1.exec"));
        await storage.UploadAsync(Vectors.Read("web/uploads/dns-d1.exec"));
        await storage.UploadAsync(SampleExec.Encode(job: "hello"));

        var tags = await storage.RowsAsync(
            "SELECT job.name || ' ' || tag.tag || ' ' || value FROM job_tag JOIN job ON job.id = job_tag.job JOIN tag ON tag.id = job_tag.tag ORDER BY 1",
            static row => row.Text(0)
        );
        Assert.Contains("hello section Unikernels", tags);
        Assert.Contains("dns-primary section Unikernels (with metrics reported to Influx)", tags);
        Assert.Contains("hello synopsis A MirageOS \"hello & <world>\" unikernel", tags);
        Assert.Contains("hello description Prints <hello> & exits.", tags);
        Assert.Contains(tags, tag => tag.StartsWith("hello readme ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Readme_and_build_hashes_are_no_artifacts_and_the_input_id_takes_build_inputs_where_there_is_no_opam_switch()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);

        await storage.UploadAsync(SampleExec.Whole());

        Assert.Equal(
            ["bin/hello", "build-environment", "build-inputs", "system-packages"],
            await storage.RowsAsync("SELECT filepath FROM build_artifact ORDER BY filepath", static row => row.Text(0))
        );
        var inputs = new[] { "sources", "PATH=/bin", "gcc=12" }.SelectMany(text =>
            Sha256Digest.Of(Encoding.UTF8.GetBytes(text)).ToByteArray()
        );
        Assert.Equal(
            [$"{Sha256Digest.Of([.. inputs])} {Sha256Digest.Of("binary"u8)}"],
            await storage.RowsAsync("SELECT input_id, main_sha256 FROM build", static row => $"{row.Digest(0)} {row.Digest(1)}")
        );
    }

    [Theory]
    [InlineData("exec-minimal.der")]
    [InlineData("exec-artifacts.der")]
    [InlineData("exec-console-odd.der")]
    [InlineData("exec-console-many.der")]
    [InlineData("exec-console-oldest-first.der")]
    [InlineData("exec-fraction.der")]
    [InlineData("exec-fraction-sub-ms.der")]
    [InlineData("exec-signalled.der")]
    [InlineData("exec-stopped.der")]
    [InlineData("exec-timeout.der")]
    [InlineData("exec-big-delta.der")]
    [InlineData("exec-utf8.der")]
    public async Task The_exec_comes_back_byte_for_byte(string file)
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var uploaded = Vectors.Read("protocol/" + file);

        var stored = Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(uploaded));

        Assert.Equal(uploaded, await ExecAsync(storage, stored));
    }

    [Fact]
    public async Task All_execs_of_the_reference_come_back_byte_for_byte_with_what_is_withheld()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        foreach (var file in UploadsInOrder())
        {
            var uploaded = Vectors.Read("web/" + file);
            var stored = Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(uploaded));
            var exec = await ExecAsync(storage, stored);
            Assert.True(uploaded.AsSpan().SequenceEqual(exec), file);
        }
    }

    [Fact]
    public async Task An_exec_from_before_our_schema_is_made_of_what_is_known()
    {
        using var folder = await DataFolder.UnpackAsync("web/datadir.tar.gz", "web");
        await folder.MigrateAsync();
        await using var storage = await StorageFixture.OpenAsync(folder);
        var sent = ExecCodec.Decode(Vectors.Read("web/uploads/hello-d2.exec"));

        var stored = ExecCodec.Decode(
            await ExecAsync(storage, new UploadResult.Stored(JobName.Parse("hello"), sent.Uuid, Platform.Parse("debian-12")))
        );

        Assert.Equal(sent.Job, stored.Job);
        Assert.Equal((sent.Started, sent.Finished, sent.Result), (stored.Started, stored.Finished, stored.Result));
        Assert.Equal(
            sent.Console.Select(line => new ConsoleLine((line.DeltaNanoseconds + 500_000) / 1_000_000 * 1_000_000, line.Text)),
            stored.Console
        );
        Assert.Equal(sent.Output.OrderBy(artifact => artifact.Path), stored.Output.OrderBy(artifact => artifact.Path));
    }

    [Fact]
    public async Task The_same_uuid_is_stored_once()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var uuid = BuildUuid.NewRandom();
        Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(SampleExec.Whole(uuid, "first")));

        Assert.Equal(
            new UploadResult.AlreadyExists(JobName.Parse("hello"), uuid),
            await storage.UploadAsync(SampleExec.Whole(uuid, "second"))
        );

        Assert.Equal(1, await storage.CountAsync("build"));
        Assert.Empty(await storage.VerifyAsync());
    }

    [Fact]
    public async Task A_restricted_user_uploads_what_is_on_the_access_list_and_nothing_else()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var users = new UserAdministration(storage.Storage.Database);
        await users.AddAsync("restr", "secret", isRestricted: true, new ScryptParameters(2, 1, 1), Cancellation);
        await users.AddAccessAsync("restr", JobName.Parse("hello"), Cancellation);
        var user = new User(new UserId(2), "restr", IsRestricted: true);

        Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(SampleExec.Encode(job: "hello"), user));
        Assert.Equal(new UploadResult.Forbidden(JobName.Parse("other")), await storage.UploadAsync(SampleExec.Encode(job: "other"), user));
        await users.RemoveAccessAsync("restr", JobName.Parse("hello"), Cancellation);
        Assert.Equal(new UploadResult.Forbidden(JobName.Parse("hello")), await storage.UploadAsync(SampleExec.Encode(job: "hello"), user));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("_artifacts")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("")]
    public async Task A_job_name_that_is_no_folder_of_ours_is_refused_and_leaves_nothing(string job)
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var before = storage.Folder.Files();

        Assert.IsType<UploadResult.Malformed>(await storage.UploadAsync(SampleExec.Encode(job: job)));

        Assert.Equal(before, storage.Folder.Files());
    }

    [Fact]
    public async Task Broken_uploads_are_refused_with_the_reason_and_leave_nothing()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var whole = SampleExec.Whole();
        var broken = new Dictionary<string, byte[]>
        {
            ["cut off in the console"] = whole[..80],
            ["cut off in the last artifact"] = whole[..^3],
            ["trailing byte"] = [.. whole, 0],
            ["no DER"] = "GET / HTTP/1.1\r\n\r\n"u8.ToArray(),
            ["empty"] = [],
            ["same path twice"] = SampleExec.Encode(artifacts: [("a", "1"), ("a", "2")]),
            ["path that leads out"] = Vectors.Read("protocol/exec-path-traversal.tol.der"),
            ["uuid of 15 bytes"] = Vectors.Read("protocol/exec-uuid15.bad.der"),
        };

        foreach (var (what, bytes) in broken)
        {
            var result = await storage.UploadAsync(bytes);
            Assert.True(result is UploadResult.Malformed { Reason.Length: > 10 }, $"{what}: {result}");
        }

        Assert.Equal(0, await storage.CountAsync("build"));
        Assert.Empty(storage.Folder.Files());
    }

    [Fact]
    public async Task Two_artifacts_of_one_content_in_one_upload_are_stored_once()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);

        Assert.IsType<UploadResult.Stored>(
            await storage.UploadAsync(SampleExec.Encode(artifacts: [("a", "same"), ("b", "same"), ("sub/c", "same")]))
        );

        Assert.Single(storage.Folder.Files(), path => path.StartsWith("_artifacts", StringComparison.Ordinal));
        Assert.Empty(await storage.VerifyAsync());
    }

    [Fact]
    public async Task Paths_that_are_not_utf8_come_back_as_they_were()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        Assert.True(ArtifactPath.TryParse(new ByteString(new byte[] { (byte)'b', 0xFF, 0x80, 0xEF, 0x9C, 0x81 }), out var path, out _));
        var exec = ExecCodec.Encode(ExecCodec.Decode(SampleExec.Encode()) with { Output = [new Artifact(path, "x"u8.ToArray())] });

        var stored = Assert.IsType<UploadResult.Stored>(await storage.UploadAsync(exec));

        Assert.Equal(
            ["62FF80EF9C81"],
            await storage.RowsAsync("SELECT filepath FROM build_artifact", static row => Convert.ToHexString(row.Bytes(0).Span))
        );
        Assert.Equal(exec, await ExecAsync(storage, stored));
    }

    [Fact]
    public async Task A_crash_anywhere_leaves_the_whole_build_or_nothing()
    {
        var uuid = BuildUuid.NewRandom();
        var exec = SampleExec.Whole(uuid);
        // To a bucket each step takes long.
        var stride = objects && !Engines.IsLong ? 5 : 1;
        for (var crashAt = 0; ; crashAt += stride)
        {
            await using var before = await StorageFixture.CreateAsync(engine, objects);
            // Shares two contents with the build that will be cut off.
            var other = Assert.IsType<UploadResult.Stored>(
                await before.UploadAsync(SampleExec.Encode(artifacts: [("x", "binary"), ("y", "gcc=12")]))
            );
            var crash = new CrashPoint(crashAt);
            try
            {
                await before.Crashing(crash).IngestAsync(new MemoryStream(exec), StorageFixture.Admin, Cancellation);
                Assert.True(crashAt > 20, $"only {crashAt} steps were tried");
                return;
            }
            catch (Exception exception) when (exception is SimulatedCrashException or AggregateException)
            {
                // The process ended here.
            }

            var after = await before.RestartAsync();
            await using var storage = after.Storage;
            Assert.Empty(await after.VerifyAsync());
            Assert.Empty(Directory.EnumerateFileSystemEntries(after.Folder["_staging"]));
            Assert.True(await BuildsAsync(after) is 1 or 2, crash.Step);
            var again = await after.UploadAsync(exec);
            Assert.True(again is UploadResult.Stored or UploadResult.AlreadyExists, $"{crash.Step}: {again}");
            Assert.Equal(exec, await ExecAsync(after, new UploadResult.Stored(JobName.Parse("hello"), uuid, other.Platform)));
            Assert.Empty(await after.VerifyAsync());
        }
    }

    [Fact]
    public async Task Sixty_four_uploads_at_once_with_shared_artifacts_and_the_same_uuids_all_agree()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var uuids = Enumerable.Range(0, 16).Select(_ => BuildUuid.NewRandom()).ToList();

        var results = await Task.WhenAll(
            Enumerable
                .Range(0, 64)
                .Select(i =>
                    Task.Run(() =>
                        storage.UploadAsync(
                            SampleExec.Whole(uuids[i % 16], binary: $"binary {i % 4}", inputs: $"inputs {i % 2}", job: $"job{i % 3}")
                        )
                    )
                )
        );

        Assert.Equal(16, results.Count(result => result is UploadResult.Stored));
        Assert.Equal(48, results.Count(result => result is UploadResult.AlreadyExists));
        Assert.Equal(16, await storage.CountAsync("build"));
        Assert.Empty(await storage.VerifyAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(storage.Folder["_staging"]));
    }

    [Fact]
    public async Task An_upload_under_way_is_left_alone_by_a_process_that_starts()
    {
        await using var storage = await StorageFixture.CreateAsync(engine, objects);
        var exec = SampleExec.Whole();
        using var slow = new StreamInPieces(exec, pauseAt: exec.Length - 20);
        var upload = storage.Storage.Uploads.IngestAsync(slow, StorageFixture.Admin, Cancellation);
        await slow.Paused;

        await using (await BuilderStorage.OpenAsync(storage.Folder.Settings, TimeProvider.System, Cancellation))
            Assert.NotEmpty(Directory.EnumerateFileSystemEntries(storage.Folder["_staging"]));

        slow.Continue();
        Assert.IsType<UploadResult.Stored>(await upload);
        Assert.Empty(await storage.VerifyAsync());
    }

    private static Task<long> BuildsAsync(StorageFixture storage) => storage.CountAsync("build");

    private static async Task<byte[]> ExecAsync(StorageFixture storage, UploadResult.Stored build)
    {
        using var output = new MemoryStream();
        var exec = new BuildExec(storage.Storage.Database, storage.Storage.BuildFiles, storage.Storage.Artifacts);
        var stored = await exec.FindAsync(build.Uuid, Cancellation);
        Assert.NotNull(stored);
        Assert.Equal(build.Job, stored.Job);
        await exec.WriteAsync(stored, output, Cancellation);
        return output.ToArray();
    }

    private static IEnumerable<string> UploadsInOrder()
    {
        using var builds = JsonDocument.Parse(Vectors.Read("web/builds.json"));
        return
        [
            .. builds
                .RootElement.EnumerateArray()
                .Where(build => build.TryGetProperty("file", out _))
                .Select(build => build.GetProperty("file").GetString()!),
        ];
    }
}
