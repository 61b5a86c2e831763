using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Cli.Verify;
using Builder.Proof.Keys;
using Builder.Proof.Statements;

namespace Builder.Cli.Tests.Verify;

public sealed class VerifyRunTests
{
    private static Uri Site { get; } = new($"https://{SampleSite.Host}");

    [Fact]
    public async Task The_first_visit_remembers_the_keys_and_says_so()
    {
        using var one = new VerifyCase();
        var options = await AtSiteAsync(one);

        var first = await one.RunAsync(options);
        var second = await one.RunAsync(options);

        Assert.True(first.ExitCode == 0, first.Output);
        Assert.Contains("first visit: the keys are those that builds.example shows today", first.Output, StringComparison.Ordinal);
        Assert.True(second.ExitCode == 0, second.Output);
        Assert.DoesNotContain("first visit", second.Output, StringComparison.Ordinal);
        Assert.Contains("still holds all 1 of the checkpoint of your last visit", second.Output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Directory.GetFiles(one.StateDirectory).Single()));
    }

    [Fact]
    public async Task A_log_that_grew_since_is_followed()
    {
        using var one = new VerifyCase();
        var options = await AtSiteAsync(one);
        await one.RunAsync(options);
        one.Site.Grow(700);
        one.Network.Checkpoint = one.Site.Checkpoint();

        var (exitCode, output) = await one.RunAsync(options);

        Assert.True(exitCode == 0, output);
        Assert.Contains(
            "the log has 701 entries now and still holds all 1 of the checkpoint of your last visit",
            output,
            StringComparison.Ordinal
        );
        Assert.Contains("still holds all 1 of the checkpoint that the statement came with", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_a_known_one_replaced_are_followed_and_others_are_not()
    {
        using var one = new VerifyCase();
        var options = await AtSiteAsync(one);
        await one.RunAsync(options);
        using var next = EcdsaSigningKey.Generate();

        one.Network["/.well-known/builder-keys.json"] = one.Site.KeyListJson(next: next);
        var unknown = await one.RunAsync(options);
        var both = DsseEnvelope.Parse(one.Site.KeyListJson(next: next)).With(one.Site.Key);
        one.Network["/.well-known/builder-keys.json"] = both.ToJson();
        var known = await one.RunAsync(options);

        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("none that you knew signed the new list", unknown.Output, StringComparison.Ordinal);
        Assert.True(known.ExitCode == 0, known.Output);
    }

    [Fact]
    public async Task A_site_on_this_machine_is_never_remembered()
    {
        using var one = new VerifyCase();
        var options = await AtSiteAsync(one) with { Site = new Uri("http://127.0.0.1:3000") };

        var (exitCode, output) = await one.RunAsync(options);

        Assert.True(exitCode == 0, output);
        Assert.Contains("never remembered", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(one.StateDirectory));
    }

    [Fact]
    public async Task The_address_of_a_build_is_enough()
    {
        using var one = new VerifyCase();
        await AtSiteAsync(one);

        var (exitCode, output) = await one.RunAsync(one.Options($"https://{SampleSite.Host}/job/hello/build/{SampleSite.Build}"));

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task What_cannot_be_asked_could_not_be_checked()
    {
        using var one = new VerifyCase();
        var options = await AtSiteAsync(one);
        one.Network.IsDown = true;
        var down = await Assert.ThrowsAsync<CommandException>(() => one.RunAsync(options));
        var nowhere = await Assert.ThrowsAsync<CommandException>(() => one.RunAsync(one.Options(options.Target)));

        Assert.Equal(2, down.Code);
        Assert.Contains("cannot fetch https://builds.example/", down.Message, StringComparison.Ordinal);
        Assert.Equal(2, nowhere.Code);
        Assert.Contains("nothing says where statements are", nowhere.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_without_statements_proves_nothing()
    {
        using var one = new VerifyCase();
        var options = await AtSiteAsync(one) with { Target = one.File("unknown.hvt", "unknown"u8.ToArray()) };

        var (exitCode, output) = await one.RunAsync(options);

        Assert.Equal(1, exitCode);
        Assert.EndsWith("Not verified: there is no statement about this file\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_that_was_taken_back_is_refused_with_the_reason()
    {
        using var one = new VerifyCase();
        var options = await AtSiteAsync(one);
        var retraction = one.Site.Sign(one.Site.Artifact, new Retraction(SampleSite.Build, "the compiler was broken", SampleSite.Finished));
        one.Network.Attest(
            SampleSite.Build,
            one.Site.Artifact,
            [.. await one.Site.BundleAsync(one.Site.Provenance()), (byte)'\n', .. await one.Site.BundleAsync(retraction)]
        );
        one.Network.Checkpoint = one.Site.Checkpoint();

        var (exitCode, output) = await one.RunAsync(options);

        Assert.Equal(1, exitCode);
        Assert.Contains("✗ taken back on 2026-11-26 04:10 UTC: the compiler was broken", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "builders: [https://builds.example/builders/sandbox/v1]\njobs: [hello]\nlog: required\nmaximum-age: 2d",
        0,
        "✓ the build is as new as the policy asks"
    )]
    [InlineData("builders: [https://elsewhere.example/v1]", 1, "is not one that the policy allows")]
    [InlineData("jobs: [other]", 1, "built by job hello, which the policy does not allow")]
    [InlineData("maximum-age: 1h", 1, "longer ago than the policy allows")]
    [InlineData("level: 2", 1, "no SLSA build level is claimed, and the policy asks for 2")]
    [InlineData("quorum: 1", 1, "no rebuilder vouches for this file: 0 of 1")]
    public async Task A_policy_says_what_must_be_proven(string policy, int expected, string text)
    {
        using var one = new VerifyCase();
        var options = await AtSiteAsync(one) with
        {
            Policy = one.File("policy.yaml", System.Text.Encoding.UTF8.GetBytes(policy)),
            Clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(SampleSite.Finished.AddDays(1)),
        };

        var (exitCode, output) = await one.RunAsync(options);

        Assert.True(exitCode == expected, output);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rebuilders_of_the_policy_make_a_quorum_and_a_dissenter_has_no_veto()
    {
        using var one = new VerifyCase();
        using var first = EcdsaSigningKey.Generate();
        using var second = EcdsaSigningKey.Generate();
        using var third = EcdsaSigningKey.Generate();
        var options = await AtSiteAsync(one);
        byte[] Rebuild(SigningKey key, byte[] bytes) => [(byte)'\n', .. one.Site.Provenance(bytes, key: key).ToJson()];
        one.Network.Attest(
            SampleSite.Build,
            one.Site.Artifact,
            [
                .. await one.Site.BundleAsync(one.Site.Provenance()),
                .. Rebuild(first, one.Site.Artifact),
                .. Rebuild(second, one.Site.Artifact),
                .. Rebuild(third, "others"u8.ToArray()),
            ]
        );
        one.Network.Checkpoint = one.Site.Checkpoint();
        foreach (var (name, key) in new[] { ("first", first), ("second", second), ("third", third) })
            one.File($"{name}.pub", System.Text.Encoding.ASCII.GetBytes(key.PublicKey.ToPem()));
        var policy = one.File(
            "policy.yaml",
            "rebuilders:\n- {name: first, key: first.pub}\n- {name: second, key: second.pub}\n- {name: third, key: third.pub}\n"u8.ToArray()
        );

        var two = await one.RunAsync(options with { Policy = policy, Quorum = 2 });
        var three = await one.RunAsync(options with { Policy = policy, Quorum = 3 });

        Assert.True(two.ExitCode == 0, two.Output);
        Assert.Contains("the same bytes from first, second: 2 of 2", two.Output, StringComparison.Ordinal);
        Assert.Contains("- other bytes, or another file, from third", two.Output, StringComparison.Ordinal);
        Assert.Equal(1, three.ExitCode);
    }

    [Theory]
    [InlineData("jobs: hello", "policy.yaml:1: a list was expected")]
    [InlineData("level: 9", "policy.yaml:1: \"9\" is not a number from 1 to 4")]
    [InlineData("maximum-age: soon", "policy.yaml:1: \"soon\" is not a time such as 12h or 30d")]
    [InlineData("log: perhaps", "policy.yaml:1: \"perhaps\" is neither required nor optional")]
    [InlineData("jobs: []\nextra: 1", "policy.yaml:2: \"extra\" is unknown")]
    [InlineData("rebuilders: [{name: a}]", "policy.yaml:1: the rebuilder has no \"key\"")]
    [InlineData("- a", "is no policy")]
    [InlineData("a: [", "policy.yaml:")]
    public void A_bad_policy_names_place_and_reason(string policy, string message)
    {
        using var one = new VerifyCase();
        var path = one.File("policy.yaml", System.Text.Encoding.UTF8.GetBytes(policy));

        var exception = Assert.Throws<CommandException>(() => PolicyFile.Read(path));

        Assert.Equal(2, exception.Code);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_every_answer()
    {
        using var one = new VerifyCase();
        var (_, output) = await one.RunAsync(await AtSiteAsync(one) with { IsJson = true });
        using var document = JsonDocument.Parse(output);

        Assert.Equal("passed", document.RootElement.GetProperty("outcome").GetString());
        Assert.Equal("hello", document.RootElement.GetProperty("build").GetProperty("job").GetString());
        Assert.Contains(
            "signature",
            document.RootElement.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString())
        );
    }

    [Fact]
    public async Task Statements_beside_the_file_are_found()
    {
        using var one = new VerifyCase();
        var target = one.File("hello.hvt", one.Site.Artifact);
        one.File("hello.hvt.sigstore.json", await one.Site.BundleAsync(one.Site.Provenance()));

        var (exitCode, output) = await one.RunAsync(one.Options(target) with { TrustedRoot = one.TrustedRoot });

        Assert.True(exitCode == 0, output);
        Assert.Contains(", which the log names", output, StringComparison.Ordinal);
    }

    private static async Task<VerifyOptions> AtSiteAsync(VerifyCase one)
    {
        one.Network.Attest(SampleSite.Build, one.Site.Artifact, await one.Site.BundleAsync(one.Site.Provenance()));
        one.Network["/.well-known/builder-keys.json"] = one.Site.KeyListJson();
        one.Network.Checkpoint = one.Site.Checkpoint();
        return one.Options(one.File("hello.hvt", one.Site.Artifact)) with { Site = Site };
    }
}
