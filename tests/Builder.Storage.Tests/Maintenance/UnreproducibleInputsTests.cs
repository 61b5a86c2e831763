using System.Text;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
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

    private static Sha256Digest Digest(string text) => Sha256Digest.Of(Encoding.UTF8.GetBytes(text));

    private static async Task<List<UnreproducibleInput>> ListAsync(StorageFixture storage, params JobName[] jobs)
    {
        var inputs = new List<UnreproducibleInput>();
        await foreach (var input in new UnreproducibleInputs(storage.Storage.Database).ListAsync(jobs, Cancellation))
            inputs.Add(input);
        return inputs;
    }
}
