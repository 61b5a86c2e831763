using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Publishing.Attestation;
using Builder.Storage.Maintenance;
using Builder.Storage.Statements;

namespace Builder.Publishing.Tests.Attestation;

/// <summary>What the signer signs, what it refuses, and that nothing is signed twice.</summary>
public sealed class AttestationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sandbox", "sandboxed", "script")]
    [InlineData("sandbox-shared-proc", "sandboxed-shared-proc", "script")]
    [InlineData("none", "unsandboxed", "script")]
    [InlineData(null, "imported", "import")]
    public async Task A_build_gets_provenance_of_the_mode_that_its_server_recorded(string? isolation, string builder, string type)
    {
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync();
        var build = await site.StoreAsync("hello", isolation);

        await site.AttestAsync();

        var stored = Assert.Single(await site.StatementsAsync(build), one => one.Kind == StatementKind.Provenance);
        var envelope = DsseEnvelope.Parse(stored.Envelope);
        var key = Assert.Single(site.Keys().Keys, one => one.Use == KeyUse.Statements);
        Assert.True(envelope.IsSignedBy(key.Key));
        var statement = InTotoStatement.Parse(envelope.Payload);
        var provenance = SlsaProvenance.Read(statement);
        Assert.Equal($"https://builds.example/builders/{builder}", provenance.BuilderId);
        Assert.Equal($"https://builds.example/buildtypes/{type}/v1", provenance.BuildType);
        Assert.Equal(build.ToString(), provenance.InvocationId);
        Assert.Equal(new ExternalParameters("hello", "debian-12", Sha256Digest.Of("#!/bin/sh\nmake\n"u8)), provenance.External);
        Assert.True(statement.IsAbout(Sha256Digest.Of("hello"u8)));
        Assert.Equal(
            ["bin/hello", "build-environment", "build-inputs", "system-packages"],
            statement.Subjects.Select(subject => subject.Name)
        );
        Assert.Equal(
            ["pkg:deb/debian/gcc@12.2?distro=debian-12", "pkg:deb/debian/libc6@2.36?distro=debian-12"],
            provenance.ResolvedDependencies.Select(dependency => dependency.Uri)
        );
        Assert.Equal(
            Sha256Digest.Of(
                await File.ReadAllBytesAsync(
                    Path.Combine(site.Storage.Directory.OfBuild(JobName.Parse("hello"), build), "console.txt"),
                    Stop
                )
            ),
            Assert.Single(provenance.Byproducts, one => one.Name == "console").Sha256
        );
        Assert.NotNull(stored.LogIndex);
        foreach (
            var (kind, predicate) in ((string, string)[])
                [(StatementKind.Spdx, DocumentPredicate.Spdx), (StatementKind.CycloneDx, DocumentPredicate.CycloneDx)]
        )
        {
            var list = Assert.Single(await site.StatementsAsync(build), one => one.Kind == kind);
            Assert.Equal(predicate, InTotoStatement.Parse(DsseEnvelope.Parse(list.Envelope).Payload).PredicateType);
        }
    }

    [Theory]
    [InlineData("tree:sha256:", "root tree", null)]
    [InlineData("image:docker.io/library/debian@sha256:", "root image", "oci://docker.io/library/debian@sha256:")]
    public async Task The_root_directory_of_a_job_is_a_dependency_and_no_package(string prefix, string name, string? uri)
    {
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync();
        var digest = Sha256Digest.Of("a root"u8);
        var build = await site.StoreAsync("hello", root: $"{prefix}{digest}");

        await site.AttestAsync();

        var statements = await site.StatementsAsync(build);
        var stored = Assert.Single(statements, one => one.Kind == StatementKind.Provenance);
        var provenance = SlsaProvenance.Read(InTotoStatement.Parse(DsseEnvelope.Parse(stored.Envelope).Payload));
        Assert.Equal($"{prefix}{digest}", provenance.Internal["root"]);
        var dependency = Assert.Single(provenance.ResolvedDependencies, one => one.Name == name);
        Assert.Equal((uri is null ? null : $"{uri}{digest}", digest), (dependency.Uri, dependency.Sha256));
        Assert.Equal(3, provenance.ResolvedDependencies.Length);
        Assert.All(
            statements.Where(one => one.Kind is StatementKind.Spdx or StatementKind.CycloneDx),
            one =>
                Assert.DoesNotContain(
                    "builder-root",
                    System.Text.Encoding.UTF8.GetString(DsseEnvelope.Parse(one.Envelope).Payload.Span),
                    StringComparison.Ordinal
                )
        );
    }

    public static TheoryData<string> Tamperings =>
        ["other file", "other digest", "changed console", "other job", "replayed record", "unknown server", "no record of a changed file"];

    /// <summary>What a stolen site could write, or a thief on its disk.</summary>
    [Theory]
    [MemberData(nameof(Tamperings))]
    public async Task What_was_not_built_is_not_signed(string tampering)
    {
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync();
        using var thief = EcdsaSigningKey.Generate();
        var other = await site.StoreAsync("other", uuid: BuildUuid.NewRandom());
        var build = await site.StoreAsync("hello", server: tampering == "unknown server" ? thief : null);
        await TamperAsync(site, tampering, build, other);

        await site.AttestAsync();

        Assert.DoesNotContain(await site.StatementsAsync(build), one => one.Kind == StatementKind.Provenance);
        Assert.NotNull(await site.RefusalAsync(build));
    }

    private static async Task TamperAsync(SignerSite site, string tampering, BuildUuid build, BuildUuid other)
    {
        var hello = Sha256Digest.Of("hello"u8);
        switch (tampering)
        {
            case "other file":
                await File.WriteAllTextAsync(site.Storage.Directory.OfArtifact(hello), "h3llo", Stop);
                break;
            case "other digest":
                await site.ExecuteAsync(
                    "UPDATE build_artifact SET sha256 = @digest WHERE sha256 = @hello",
                    ("@digest", Sha256Digest.Of("other"u8)),
                    ("@hello", hello)
                );
                break;
            case "changed console":
                var exec = Path.Combine(site.Storage.Directory.OfBuild(JobName.Parse("hello"), build), "exec");
                var bytes = await File.ReadAllBytesAsync(exec, Stop);
                var at = bytes.AsSpan().IndexOf("done"u8);
                "evil"u8.CopyTo(bytes.AsSpan(at));
                await File.WriteAllBytesAsync(exec, bytes, Stop);
                break;
            case "other job":
                await site.ExecuteAsync("INSERT INTO job (name) VALUES ('trusted')");
                await site.ExecuteAsync(
                    "UPDATE build SET job = (SELECT id FROM job WHERE name = 'trusted') WHERE uuid = @uuid",
                    ("@uuid", build)
                );
                Directory.CreateDirectory(site.Storage.Directory.OfJob(JobName.Parse("trusted")));
                Directory.Move(
                    site.Storage.Directory.OfBuild(JobName.Parse("hello"), build),
                    site.Storage.Directory.OfBuild(JobName.Parse("trusted"), build)
                );
                break;
            case "replayed record":
                await site.ExecuteAsync(
                    "UPDATE build_record SET envelope = (SELECT envelope FROM build_record WHERE build_uuid = @other) WHERE build_uuid = @uuid",
                    ("@other", other),
                    ("@uuid", build)
                );
                break;
            case "no record of a changed file":
                await site.ExecuteAsync("DELETE FROM build_record WHERE build_uuid = @uuid", ("@uuid", build));
                await File.WriteAllTextAsync(site.Storage.Directory.OfArtifact(hello), "h3llo", Stop);
                break;
        }
    }

    [Fact]
    public async Task Whoever_asks_again_gets_the_same_statement_also_after_either_side_lost_its_memory()
    {
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync();
        var build = await site.StoreAsync("hello");
        await site.AttestAsync();
        var first = await ProvenanceAsync(site, build);

        // The site died before it could keep it.
        await site.ExecuteAsync("DELETE FROM statement WHERE build_uuid = @uuid", ("@uuid", build));
        await AttestationTasks.AddMissingAsync(site.Storage.Database, isAgain: false, Stop);
        await site.AttestAsync();
        Assert.Equal(first.Digest, (await ProvenanceAsync(site, build)).Digest);

        // The signer's memory was restored from a backup of before.
        await site.StopSignerAsync();
        foreach (var file in Directory.EnumerateFiles(site.State, "issued.sqlite3*"))
            File.Delete(file);
        await site.StartSignerAsync();
        await site.ExecuteAsync(
            "INSERT INTO attestation_task (build_uuid, kind, attempts, due) VALUES (@uuid, 'provenance', 0, 0)",
            ("@uuid", build)
        );
        await site.AttestAsync();
        var again = await ProvenanceAsync(site, build);
        Assert.Equal((first.Digest, first.LogIndex), (again.Digest, again.LogIndex));
        Assert.Equal(
            [StatementKind.Provenance, StatementKind.Spdx, StatementKind.CycloneDx],
            (await site.StatementsAsync(build)).Select(one => one.Kind)
        );
    }

    [Theory]
    [InlineData(true, "sandbox", "SLSA_BUILD_LEVEL_3 BUILDER_REPRODUCED")]
    [InlineData(true, "sandbox-shared-proc", "SLSA_BUILD_LEVEL_2 BUILDER_REPRODUCED")]
    [InlineData(true, "none", "SLSA_BUILD_LEVEL_2 BUILDER_REPRODUCED")]
    [InlineData(false, "sandbox", "BUILDER_REPRODUCED")]
    [InlineData(true, null, null)]
    public async Task A_summary_claims_what_holds_and_is_made_anew_when_the_verdict_changes(
        bool isHosted,
        string? isolation,
        string? levels
    )
    {
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync(isHosted);
        var first = await site.StoreAsync("hello", isolation);
        await site.AttestAsync();
        var before = await SummariesAsync(site, first);

        var second = await site.StoreAsync("hello", isolation);
        await site.StoreAsync("hello", isolation, inputs: "other sources");
        await site.StoreAsync("another", isolation);
        await site.AttestAsync();
        await site.AttestAsync();

        Assert.DoesNotContain("REPRODUCED", string.Join(' ', before), StringComparison.Ordinal);
        Assert.Equal(levels, (await SummariesAsync(site, first)).LastOrDefault());
        Assert.Equal(levels, (await SummariesAsync(site, second)).LastOrDefault());
    }

    private static async Task<StoredStatement> ProvenanceAsync(SignerSite site, BuildUuid build) =>
        Assert.Single(await site.StatementsAsync(build), one => one.Kind == StatementKind.Provenance);

    private static async Task<List<string>> SummariesAsync(SignerSite site, BuildUuid build) =>
        [
            .. (await site.StatementsAsync(build))
                .Where(one => one.Kind == StatementKind.Summary)
                .Select(one => VerificationSummary.Read(InTotoStatement.Parse(DsseEnvelope.Parse(one.Envelope).Payload)))
                .Select(summary => string.Join(' ', summary.VerifiedLevels)),
        ];

    [Fact]
    public async Task Only_the_operator_retracts_and_a_retracted_build_reproduces_nothing()
    {
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync();
        var build = await site.StoreAsync("hello");
        await site.AttestAsync();
        var request = new SignerRequest(StatementKind.Retraction, [build.ToString()], "the compiler was broken");

        var refused = await Assert.ThrowsAsync<SignerException>(() => new AttestationClient(site.Socket).AskAsync(request, Stop));
        Assert.Contains("only the operator", refused.Message, StringComparison.Ordinal);
        var answer = await new AttestationClient(site.OperatorSocket).AskAsync(request, Stop);
        var again = await new AttestationClient(site.OperatorSocket).AskAsync(request, Stop);

        var signed = Assert.Single(answer.Statements);
        Assert.Equal(signed.Envelope, Assert.Single(again.Statements).Envelope);
        var retraction = Retraction.Read(InTotoStatement.Parse(DsseEnvelope.Parse(signed.Envelope).Payload));
        Assert.Equal((build.ToString(), "the compiler was broken"), (retraction.BuildUuid, retraction.Because));
        var second = await site.StoreAsync("hello");
        await site.AttestAsync();
        Assert.Empty(await SummariesAsync(site, second));
    }

    [Fact]
    public async Task Statements_of_removed_builds_stay()
    {
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync();
        var build = await site.StoreAsync("hello");
        await site.AttestAsync();
        var before = await site.StatementsAsync(build);

        var removal = new BuildRemoval(site.Storage, TimeProvider.System);
        await removal.RemoveAsync(await removal.SelectAsync(new RemovalSelection.Everything(), Stop), progress: null, Stop);

        Assert.Equal(before.Select(one => one.Digest), (await site.StatementsAsync(build)).Select(one => one.Digest));
    }

    [Fact]
    public async Task A_replaced_key_leads_to_its_successor_and_a_revoked_one_voids_what_came_after()
    {
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync();
        var directory = new KeyDirectory(AttestationSigner.KeysIn(site.State), TimeProvider.System);
        var old = site.Keys().Keys.Single(key => key.Use == KeyUse.Statements);
        var build = await site.StoreAsync("hello");
        await site.AttestAsync();
        var before = await ProvenanceAsync(site, build);

        var made = directory.Rotate(KeyUse.Statements);
        var later = await site.StoreAsync("later");
        await site.AttestAsync();

        var after = await ProvenanceAsync(site, later);
        Assert.Equal((old.Id.Value, made.Id.Value), (before.KeyId, after.KeyId));
        await using (var session = await site.Storage.Database.OpenReadAsync(Stop))
        {
            var envelope = DsseEnvelope.Parse((await StatementRows.LatestAsync(session, null, StatementKind.Keys, Stop))!.Envelope);
            Assert.True(envelope.IsSignedBy(old.Key));
            Assert.True(envelope.IsSignedBy(made.Key));
            var list = KeyList.Parse(envelope.Payload);
            Assert.Equal(KeyStanding.Valid, list.StandingOf(old.Id, before.Created, before.LogIndex));
            Assert.Equal(KeyStanding.TooLate, list.StandingOf(old.Id, before.Created.AddDays(1), null));
        }
        Assert.Null(directory.Load(site.Keys().Find(old.Id)!));

        var revocation = new KeyRevocation(after.Created.AddSeconds(1), after.LogIndex + 1, "the disk was stolen");
        directory.Revoke(made.Id, revocation);
        var revoked = site.Keys();
        Assert.Equal(KeyStanding.Valid, revoked.StandingOf(made.Id, after.Created, after.LogIndex));
        Assert.Equal(KeyStanding.Compromised, revoked.StandingOf(made.Id, after.Created, after.LogIndex + 1));
        Assert.Equal(KeyStanding.Compromised, revoked.StandingOf(made.Id, after.Created, logIndex: null));
        Assert.Equal(KeyStanding.Unknown, revoked.StandingOf(site.Server.PublicKey.Id, after.Created, after.LogIndex));
        var last = await site.StoreAsync("last");
        await site.AttestAsync();
        Assert.NotEqual(made.Id.Value, (await ProvenanceAsync(site, last)).KeyId);
        Assert.Throws<SignerException>(() => directory.Rotate(KeyUse.Log));
    }

    [Fact]
    public async Task Keys_are_for_their_user_alone_and_the_signer_only_reads_the_sites_data()
    {
        await using var site = await SignerSite.CreateAsync();
        await site.StartSignerAsync();

        Assert.All(
            Directory.EnumerateFiles(AttestationSigner.KeysIn(site.State)),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file))
        );
        await using var reading = await Storage.Database.BuilderDatabase.OpenAsync(
            site.Storage.Database.Settings with
            {
                IsReadOnly = true,
            },
            Stop
        );
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() =>
            reading.WriteAsync(session => session.ExecuteAsync("DELETE FROM statement", Stop), Stop)
        );
    }
}
