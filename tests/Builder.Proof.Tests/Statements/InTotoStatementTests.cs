using System.Collections.Immutable;
using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Statements;
using Builder.Testing;

namespace Builder.Proof.Tests.Statements;

public sealed class InTotoStatementTests
{
    private static readonly Sha256Digest Content = Sha256Digest.Of("content"u8);

    private static readonly SlsaProvenance Provenance = new()
    {
        BuildType = "https://builds.example/buildtypes/script/v1",
        External = new ExternalParameters("hello", "debian-12", Sha256Digest.Of("script"u8)),
        Internal = ImmutableSortedDictionary<string, string>.Empty.Add("isolation", "sandbox"),
        ResolvedDependencies =
        [
            new ResourceDescriptor { Uri = "pkg:opam/dns@9.1.0" }
                .With("sha256", "11")
                .With("md5", "22"),
        ],
        BuilderId = "https://builds.example/builders/sandboxed",
        BuilderVersion = ImmutableSortedDictionary<string, string>.Empty.Add("builder", "1.0"),
        InvocationId = "0190a6b2-0000-4000-8000-000000000001",
        StartedOn = new DateTimeOffset(2026, 11, 26, 4, 0, 0, TimeSpan.Zero),
        FinishedOn = new DateTimeOffset(2026, 11, 26, 4, 10, 0, TimeSpan.Zero),
        Byproducts = [ResourceDescriptor.Of("console", Content)],
    };

    [Fact]
    public void Provenance_is_written_as_SLSA_has_it()
    {
        var statement = Encoding.UTF8.GetString(InTotoStatement.Write([ResourceDescriptor.Of("bin/hello", Content)], Provenance));

        Assert.Equal(
            $$$$"""
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"bin/hello","digest":{"sha256":"{{{{Content}}}}"}}],
            "predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"buildType":"https://builds.example/buildtypes/script/v1",
            "externalParameters":{"job":"hello","platform":"debian-12","script":{"sha256":"{{{{Sha256Digest.Of("script"u8)}}}}"}},
            "internalParameters":{"isolation":"sandbox"},"resolvedDependencies":[{"uri":"pkg:opam/dns@9.1.0","digest":{"md5":"22","sha256":"11"}}]},
            "runDetails":{"builder":{"id":"https://builds.example/builders/sandboxed","version":{"builder":"1.0"}},
            "metadata":{"invocationId":"0190a6b2-0000-4000-8000-000000000001","startedOn":"2026-11-26T04:00:00Z","finishedOn":"2026-11-26T04:10:00Z"},
            "byproducts":[{"name":"console","digest":{"sha256":"{{{{Content}}}}"}}]}}}
            """.Replace("\n", "", StringComparison.Ordinal),
            statement
        );
    }

    [Fact]
    public void Provenance_is_read_back_and_written_again_to_the_same_bytes()
    {
        var bytes = InTotoStatement.Write([ResourceDescriptor.Of("bin/hello", Content)], Provenance);

        var statement = InTotoStatement.Parse(bytes);

        Assert.True(statement.IsAbout(Content));
        Assert.False(statement.IsAbout(Sha256Digest.Of("other"u8)));
        Assert.Equal(bytes, InTotoStatement.Write(statement.Subjects, SlsaProvenance.Read(statement)));
    }

    [Fact]
    public void A_summary_and_a_retraction_are_read_back()
    {
        var summary = new VerificationSummary
        {
            VerifierId = "https://builds.example/verifier",
            TimeVerified = new DateTimeOffset(2026, 11, 26, 5, 0, 0, TimeSpan.Zero),
            ResourceUri = "https://builds.example/job/x/build/y/f/bin/x",
            PolicyUri = "https://builds.example/buildtypes/policy/v1",
            InputAttestations = [ResourceDescriptor.Of("provenance", Content)],
            Passed = true,
            VerifiedLevels = ["SLSA_BUILD_LEVEL_3", VerificationSummary.Reproduced],
        };
        var retraction = new Retraction("0190a6b2-0000-4000-8000-000000000001", "the compiler was broken", summary.TimeVerified);

        var summaryBytes = InTotoStatement.Write([ResourceDescriptor.Of("x", Content)], summary);
        var retractionBytes = InTotoStatement.Write([ResourceDescriptor.Of("x", Content)], retraction);

        Assert.Equal(
            summaryBytes,
            InTotoStatement.Write([ResourceDescriptor.Of("x", Content)], VerificationSummary.Read(InTotoStatement.Parse(summaryBytes)))
        );
        Assert.Equal(retraction, Retraction.Read(InTotoStatement.Parse(retractionBytes)));
        Assert.Throws<InvalidStatementException>(() => Retraction.Read(InTotoStatement.Parse(summaryBytes)));
    }

    [Fact]
    public void A_verified_statement_of_others_is_a_statement_and_its_unknown_script_is_refused()
    {
        var statement = InTotoStatement.Parse(Vectors.Read("statement.json"));

        Assert.Equal(SlsaProvenance.TypeUri, statement.PredicateType);
        Assert.Throws<InvalidStatementException>(() => SlsaProvenance.Read(statement));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v0.1","subject":[{"digest":{"sha256":"00"}}],"predicateType":"x"}""")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x","predicate":{}}""")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v1","subject":{},"predicateType":"x","predicate":{}}""")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":[]}],"predicateType":"x","predicate":{}}""")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v1","subject":[{}],"predicate":{}}""")]
    [InlineData(
        """{"_type":"https://in-toto.io/Statement/v1","_type":"https://in-toto.io/Statement/v1","subject":[{}],"predicateType":"x"}"""
    )]
    [InlineData("not JSON")]
    public void What_is_no_statement_is_refused(string json) =>
        Assert.Throws<InvalidStatementException>(() => InTotoStatement.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void An_external_parameter_that_is_unknown_is_refused()
    {
        var bytes = Encoding.UTF8.GetString(InTotoStatement.Write([ResourceDescriptor.Of("bin/hello", Content)], Provenance));

        var changed = InTotoStatement.Parse(
            Encoding.UTF8.GetBytes(bytes.Replace("{\"job\":", "{\"sudo\":\"yes\",\"job\":", StringComparison.Ordinal))
        );

        Assert.Contains(
            "sudo",
            Assert.Throws<InvalidStatementException>(() => SlsaProvenance.Read(changed)).Message,
            StringComparison.Ordinal
        );
    }
}
