using Builder.Analysis.Values;
using Builder.Cli.Verify;
using Builder.Proof.Keys;
using Builder.Proof.Log;
using Builder.Proof.Statements;
using Builder.Proof.Tests.Log;

namespace Builder.Cli.Tests.Verify;

/// <summary>A way to lie about a file.</summary>
/// <param name="Prepare">Makes the files, and gives the command line that must refuse them.</param>
/// <param name="Reason">A part of the answer.</param>
internal sealed record Forgery(string Name, Func<VerifyCase, Task<VerifyOptions>> Prepare, string Reason)
{
    /// <summary>A verifier that knows key and log, and asks no site, can see it.</summary>
    public bool IsSeenOffline { get; init; }

    private static byte[] Other { get; } = "another program"u8.ToArray();

    public static IReadOnlyList<Forgery> All { get; } =
    [
        new("other file", one => OfflineAsync(one, one.Site.Provenance(), "another program"u8.ToArray()), "no statement is about this file")
        {
            IsSeenOffline = true,
        },
        new(
            "other digest",
            one => ChangedAsync(one, Sha256Digest.Of(one.Site.Artifact).ToString(), Sha256Digest.Of(Other).ToString(), Other),
            "does not fit"
        )
        {
            IsSeenOffline = true,
        },
        new("changed predicate", one => ChangedAsync(one, "\"job\":\"hello\"", "\"job\":\"other\"", one.Site.Artifact), "does not fit")
        {
            IsSeenOffline = true,
        },
        new("other key", OtherKeyAsync, "none of the trusted keys") { IsSeenOffline = true },
        new("revoked key", RevokedKeyAsync, "is revoked: the disk was stolen"),
        new("replayed for another build", ReplayedAsync, $"is about build {SampleSite.Build}, not {SampleSite.OtherBuild}"),
        new(
            "downgraded type",
            one =>
                OfflineAsync(
                    one,
                    one.Site.Sign(one.Site.Artifact, new DocumentPredicate(DocumentPredicate.Spdx, "{}"u8.ToArray())),
                    one.Site.Artifact
                ),
            "no statement says how this file was built"
        )
        {
            IsSeenOffline = true,
        },
        new("truncated", TruncatedAsync, "is cut off or not JSON") { IsSeenOffline = true },
        new("log entry missing", MissingEntryAsync, "without a proof that it is in the log") { IsSeenOffline = true },
        new("forked log", ForkedAsync, "the log is forked"),
        new("stale checkpoint", StaleAsync, "shows a stale checkpoint"),
        new("wrong origin", WrongOriginAsync, "a log that is not trusted") { IsSeenOffline = true },
    ];

    private static async Task<VerifyOptions> OfflineAsync(VerifyCase one, DsseEnvelope envelope, byte[] artifact) =>
        Offline(one, await one.Site.BundleAsync(envelope), artifact);

    private static async Task<VerifyOptions> ChangedAsync(VerifyCase one, string old, string @new, byte[] artifact) =>
        Offline(one, SampleSite.WithPayload(await one.Site.BundleAsync(one.Site.Provenance()), old, @new), artifact);

    private static async Task<VerifyOptions> OtherKeyAsync(VerifyCase one)
    {
        using var stranger = EcdsaSigningKey.Generate();
        return Offline(one, await one.Site.BundleAsync(one.Site.Provenance(key: stranger)), one.Site.Artifact);
    }

    private static async Task<VerifyOptions> TruncatedAsync(VerifyCase one)
    {
        var bundle = await one.Site.BundleAsync(one.Site.Provenance());
        return Offline(one, bundle[..(bundle.Length / 2)], one.Site.Artifact);
    }

    private static async Task<VerifyOptions> MissingEntryAsync(VerifyCase one) =>
        Offline(one, SampleSite.WithoutEntry(await one.Site.BundleAsync(one.Site.Provenance())), one.Site.Artifact);

    private static async Task<VerifyOptions> WrongOriginAsync(VerifyCase one)
    {
        var log = new NoteKey("elsewhere.example", NoteKeyKind.Ed25519, one.Site.LogKey.PublicKey);
        return Offline(one, await one.Site.BundleAsync(one.Site.Provenance(), log), one.Site.Artifact);
    }

    private static async Task<VerifyOptions> RevokedKeyAsync(VerifyCase one)
    {
        var options = await AtSiteAsync(one, SampleSite.Build);
        using var next = EcdsaSigningKey.Generate();
        one.Network["/.well-known/builder-keys.json"] = one.Site.KeyListJson(
            new KeyRevocation(SampleSite.Finished.AddDays(-1), SinceLogIndex: 0, "the disk was stolen"),
            next
        );
        return options;
    }

    private static async Task<VerifyOptions> ReplayedAsync(VerifyCase one)
    {
        await AtSiteAsync(one, SampleSite.OtherBuild);
        return one.Options($"https://{SampleSite.Host}/job/{SampleSite.Job}/build/{SampleSite.OtherBuild}");
    }

    /// <summary>The last visit saw a log of other entries.</summary>
    private static async Task<VerifyOptions> ForkedAsync(VerifyCase one)
    {
        var options = await AtSiteAsync(one, SampleSite.Build);
        var told = MemoryTiles.OfSize(4);
        var shown = SignedCheckpoint.Sign(new Checkpoint(SampleSite.Host, told.Size, told.Root), one.Site.Log, one.Site.LogKey);
        new KnownSites(one.StateDirectory).Remember(
            options.Site!,
            new KnownSite($"https://{SampleSite.Host}", one.Site.Log.Vkey, [one.Site.Key.Id.Value], shown.ToString())
        );
        one.Site.Grow(3);
        one.Network.Checkpoint = one.Site.Checkpoint();
        return options;
    }

    /// <summary>The last visit saw more entries.</summary>
    private static async Task<VerifyOptions> StaleAsync(VerifyCase one)
    {
        var options = await AtSiteAsync(one, SampleSite.Build);
        var old = one.Network.Checkpoint;
        one.Site.Grow(5);
        one.Network.Checkpoint = one.Site.Checkpoint();
        Assert.Equal(0, (await one.RunAsync(options)).ExitCode);
        one.Network.Checkpoint = old;
        return options;
    }

    private static VerifyOptions Offline(VerifyCase one, byte[] bundle, byte[] artifact) =>
        one.Options(one.File("hello.hvt", artifact)) with
        {
            Offline = [one.File("hello.hvt.sigstore.json", bundle)],
            Keys = [one.PublicKey],
            TrustedRoot = one.TrustedRoot,
        };

    /// <summary>The site attests its artifact under the page of that build.</summary>
    private static async Task<VerifyOptions> AtSiteAsync(VerifyCase one, string page)
    {
        one.Site.Grow(2);
        one.Network.Attest(page, one.Site.Artifact, await one.Site.BundleAsync(one.Site.Provenance()));
        one.Network["/.well-known/builder-keys.json"] = one.Site.KeyListJson();
        one.Network.Checkpoint = one.Site.Checkpoint();
        return one.Options(one.File("hello.hvt", one.Site.Artifact)) with { Site = new Uri($"https://{SampleSite.Host}") };
    }
}
