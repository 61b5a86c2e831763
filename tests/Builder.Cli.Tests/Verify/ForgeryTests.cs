using Builder.Cli.Verify;

namespace Builder.Cli.Tests.Verify;

/// <summary>Twelve ways to lie about a file, and who notices.</summary>
public sealed class ForgeryTests
{
    public static TheoryData<string> Names => [.. Forgery.All.Select(forgery => forgery.Name)];

    public static TheoryData<string> SeenOffline =>
        [.. Forgery.All.Where(forgery => forgery.IsSeenOffline).Select(forgery => forgery.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Builder_verify_refuses(string name)
    {
        using var one = new VerifyCase();
        var forgery = Forgery.All.Single(forgery => forgery.Name == name);

        var (exitCode, output) = await one.RunAsync(await forgery.Prepare(one));

        Assert.Equal(1, exitCode);
        Assert.Contains(forgery.Reason, output, StringComparison.Ordinal);
        Assert.StartsWith("Not verified: ", output.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Builder_verify_accepts_the_truth_offline()
    {
        using var one = new VerifyCase();
        one.Site.Grow(3);
        var (exitCode, output) = await one.RunAsync(await TrueAsync(one));

        Assert.True(exitCode == 0, output);
        Assert.Contains("✓ entry 3 of the log builds.example, which then had 4 entries", output, StringComparison.Ordinal);
        Assert.EndsWith("\nVerified: hello.hvt was built by job hello\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cosign_accepts_the_truth()
    {
        using var one = new VerifyCase();
        one.Site.Grow(3);
        var (exitCode, output) = await CosignAsync(await TrueAsync(one));

        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [MemberData(nameof(SeenOffline))]
    public async Task Cosign_refuses(string name)
    {
        using var one = new VerifyCase();
        var (exitCode, _) = await CosignAsync(await Forgery.All.Single(forgery => forgery.Name == name).Prepare(one));

        Assert.NotEqual(0, exitCode);
    }

    private static async Task<VerifyOptions> TrueAsync(VerifyCase one) =>
        one.Options(one.File("hello.hvt", one.Site.Artifact)) with
        {
            Offline = [one.File("hello.hvt.sigstore.json", await one.Site.BundleAsync(one.Site.Provenance()))],
            Keys = [one.PublicKey],
            TrustedRoot = one.TrustedRoot,
        };

    private static Task<(int ExitCode, string Output)> CosignAsync(VerifyOptions options) =>
        StockVerifier.CosignAsync(
            "verify-blob-attestation",
            "--key",
            options.Keys[0],
            "--trusted-root",
            options.TrustedRoot!,
            "--bundle",
            options.Offline[0],
            "--type",
            "slsaprovenance1",
            options.Target
        );
}
