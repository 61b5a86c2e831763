using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Storage.Maintenance;
using Builder.Storage.Tests.Ingestion;

namespace Builder.Storage.Tests.Maintenance;

public abstract class UnreproducibleInputsTests(DatabaseEngine engine)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public sealed class OnSqlite() : UnreproducibleInputsTests(DatabaseEngine.Sqlite);

    public sealed class OnPostgreSql() : UnreproducibleInputsTests(DatabaseEngine.PostgreSql);

    [Fact]
    public async Task Builds_of_one_input_with_different_binaries_are_listed_by_job_and_input()
    {
        await using var storage = await StorageFixture.CreateAsync(engine);
        var (first, second, third) = (BuildUuid.NewRandom(), BuildUuid.NewRandom(), BuildUuid.NewRandom());
        await storage.UploadAsync(SampleExec.Whole(first, binary: "one", inputs: "a"));
        await storage.UploadAsync(SampleExec.Whole(second, binary: "other one", inputs: "a", platform: "freebsd-14"));
        await storage.UploadAsync(SampleExec.Whole(third, binary: "one", inputs: "a"));
        // Reproduced, built once, of another job, without recorded inputs, failed: none of these diverges.
        await storage.UploadAsync(SampleExec.Whole(binary: "same", inputs: "b"));
        await storage.UploadAsync(SampleExec.Whole(binary: "same", inputs: "b"));
        await storage.UploadAsync(SampleExec.Whole(binary: "once", inputs: "c"));
        await storage.UploadAsync(SampleExec.Whole(binary: "third one", inputs: "a", job: "alone"));
        foreach (var binary in new[] { "x", "y" })
            await storage.UploadAsync(SampleExec.Encode("unknown", artifacts: ("bin/x", binary)));
        await storage.UploadAsync(
            SampleExec.Encode(
                "hello",
                artifacts: [("build-environment", "PATH=/bin"), ("system-packages", "gcc=12"), ("build-inputs", "a")]
            )
        );

        var only = Assert.Single(await ListAsync(storage));

        Assert.Equal("hello", only.Job);
        Assert.Equal([Digest("one"), Digest("other one")], only.Outputs);
        Assert.Equal(
            [
                $"{first} debian-12 bin/hello {Digest("one")} 3",
                $"{second} freebsd-14 bin/hello {Digest("other one")} 9",
                $"{third} debian-12 bin/hello {Digest("one")} 3",
            ],
            only.Builds.Select(build => $"{build.Uuid} {build.Platform} {build.MainBinary} {build.Digest} {build.Size}")
        );
    }

    [Fact]
    public async Task Each_input_is_one_entry_and_jobs_can_be_chosen()
    {
        await using var storage = await StorageFixture.CreateAsync(engine);
        foreach (var job in new[] { "zeta", "alpha" })
        {
            foreach (var input in new[] { "a", "b" })
            {
                foreach (var binary in new[] { "x", "y" })
                    await storage.UploadAsync(SampleExec.Whole(job: job, inputs: input, binary: $"{job} {input} {binary}"));
            }
        }

        Assert.Equal(
            ["alpha 2", "alpha 2", "zeta 2", "zeta 2"],
            (await ListAsync(storage)).Select(input => $"{input.Job} {input.Builds.Count}")
        );
        Assert.Equal(["zeta", "zeta"], (await ListAsync(storage, JobName.Parse("zeta"))).Select(input => input.Job));
        Assert.Equal(4, (await ListAsync(storage)).Select(input => (input.Job, input.Input)).Distinct().Count());
    }

    /// <summary>Its environment was varied, so its own input is another one.</summary>
    [Fact]
    public async Task A_repetition_that_differs_is_listed_with_the_input_of_the_build_that_it_repeats()
    {
        await using var storage = await StorageFixture.CreateAsync(engine);
        var (first, agreeing, differing, other) = (
            BuildUuid.NewRandom(),
            BuildUuid.NewRandom(),
            BuildUuid.NewRandom(),
            BuildUuid.NewRandom()
        );
        await storage.UploadAsync(SampleExec.Whole(first, binary: "one", inputs: "a"));
        await RepeatAsync(storage, SampleExec.Whole(agreeing, binary: "one", inputs: "a varied"), first);
        await RepeatAsync(storage, SampleExec.Whole(differing, binary: "two", inputs: "a varied otherwise"), first);
        await storage.UploadAsync(SampleExec.Whole(other, binary: "three", inputs: "b"));
        await RepeatAsync(storage, SampleExec.Whole(binary: "three", inputs: "b varied"), other);

        var only = Assert.Single(await ListAsync(storage));

        Assert.Equal([first, agreeing, differing], only.Builds.Select(build => build.Uuid));
        await using var session = await storage.Storage.Database.OpenReadAsync(Cancellation);
        var input = await session.QueryFirstAsync(
            "SELECT input_id FROM build WHERE uuid = @uuid",
            static row => new { Id = row.Digest(0) },
            Cancellation,
            ("@uuid", first)
        );
        Assert.Equal(input!.Id, only.Input);
    }

    private static async Task RepeatAsync(StorageFixture storage, byte[] exec, BuildUuid repeats) =>
        Assert.IsType<UploadResult.Stored>(
            await storage.Storage.Uploads.IngestAsync(
                new MemoryStream(exec),
                StorageFixture.Admin,
                Cancellation,
                repetition: new RepetitionHeader(repeats, "worker", "first", new VariationReport(Variations.Locale, []))
            )
        );

    private static Sha256Digest Digest(string text) => Sha256Digest.Of(Encoding.UTF8.GetBytes(text));

    private static async Task<List<UnreproducibleInput>> ListAsync(StorageFixture storage, params JobName[] jobs)
    {
        var inputs = new List<UnreproducibleInput>();
        await foreach (var input in new UnreproducibleInputs(storage.Storage.Database).ListAsync(jobs, Cancellation))
            inputs.Add(input);
        return inputs;
    }
}
