using System.Diagnostics;
using System.Reflection;
using Builder.Posix;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Publishing.Attestation;
using Builder.Publishing.TransparencyLog;
using Builder.Storage.Statements;

namespace Builder.Publishing.Tests.Attestation;

/// <summary>The signer as a process that is killed again and again, and a site that asks again.</summary>
public sealed class KilledSignerTests
{
    private const int Builds = 150;
    private const int Kills = 20;

    private static readonly string Executable = typeof(KilledSignerTests)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "BuilderExecutable")
        .Value!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_any_moment_no_build_is_without_a_statement_and_none_has_two()
    {
        await using var site = await SignerSite.CreateAsync();
        var builds = new List<BuildUuid>();
        for (var number = 0; number < Builds; number++)
            builds.Add(await site.StoreAsync($"build {number}"));
        var random = new Random(17);
        var checkpoints = new List<SignedCheckpoint>();

        for (var kill = 0; kill < Kills; kill++)
        {
            using var signer = Start(site);
            await AskUntilGoneAsync(site, signer, random.Next(10_000, 3_000_000));
            if (new PublishedLog(site.Log).Checkpoint() is { } seen)
                checkpoints.Add(seen);
        }
        using var last = Start(site);
        try
        {
            await WaitAsync(site, last);
            await site.AttestAsync();
        }
        finally
        {
            last.Kill();
            await last.WaitForExitAsync(Stop);
        }

        var digests = new List<string>();
        foreach (var build in builds)
        {
            var statements = await site.StatementsAsync(build);
            Assert.Equal(
                [StatementKind.Provenance, StatementKind.Spdx, StatementKind.CycloneDx],
                statements.Where(one => one.Kind != StatementKind.Summary).Select(one => one.Kind)
            );
            digests.AddRange(statements.Select(one => $"{Analysis.Values.Sha256Digest.Of(DsseEnvelope.Parse(one.Envelope).SignedBytes)}"));
        }
        var log = new PublishedLog(site.Log);
        var checkpoint = log.Checkpoint()!;
        var entries = Enumerable.Range(0, (int)checkpoint.Size).Select(index => LogLeaf.Parse(log.Entry(index, checkpoint.Size))).ToList();
        // One entry for each statement and for the list of keys, none twice.
        Assert.Equal(entries.Count, entries.Select(entry => entry.Digest).Distinct().Count());
        Assert.Equal(digests.Count + 1, entries.Count);
        Assert.Empty(digests.Except(entries.Select(entry => $"{entry.Digest}")));
        var tree = new TileTree(log.Files, checkpoint.Size);
        foreach (var seen in checkpoints)
            Assert.True(
                ConsistencyProof.Verify(
                    seen.Size,
                    seen.Checkpoint.Root,
                    checkpoint.Size,
                    checkpoint.Checkpoint.Root,
                    await tree.ProveConsistencyAsync(seen.Size, Stop)
                )
            );
    }

    /// <summary>The site asks in small steps, as fast as it can; after some of them the process is killed, wherever it is by then.</summary>
    private static async Task AskUntilGoneAsync(SignerSite site, Process signer, int moment)
    {
        await WaitAsync(site, signer);
        var asking = Task.Run(
            async () =>
            {
                try
                {
                    await site.Runner.FetchKeysAsync(Stop);
                    while (await site.Runner.RunBatchAsync(Stop) > 0) { }
                }
                catch (SignerException)
                {
                    // It was killed.
                }
            },
            Stop
        );
        // A moment, whichever: nothing depends on how long it is.
        Thread.SpinWait(moment);
        signer.Kill();
        await signer.WaitForExitAsync(Stop);
        await asking;
    }

    private static async Task WaitAsync(SignerSite site, Process signer)
    {
        while (true)
        {
            try
            {
                await new AttestationClient(site.Socket).AskAsync(new SignerRequest(StatementKind.Summary, []), Stop);
                return;
            }
            catch (SignerException exception)
            {
                Assert.False(signer.HasExited, exception.Message);
                await Task.Yield();
            }
        }
    }

    private static Process Start(SignerSite site)
    {
        File.Delete(site.Socket);
        PrivateFiles.CreateDirectory(site.State);
        return Process.Start(
            new ProcessStartInfo(
                Executable,
                [
                    "signer",
                    "--state",
                    site.State,
                    "--socket",
                    site.Socket,
                    "--datadir",
                    site.Storage.Directory.Root,
                    "--public-url",
                    "https://builds.example",
                    "--server-key",
                    site.ServerKeyFile,
                    "--log-dir",
                    site.Log,
                ]
            )
        )!;
    }
}
