using Builder.Analysis.Advisories;

namespace Builder.Analysis.Tests.Advisories;

public sealed class MatchingTests
{
    [Theory]
    [InlineData("""{< "2.1.0"}""", "2.0.9", "2.1.0")]
    [InlineData("""{< "2.1.0"}""", "2.1.0", null)]
    [InlineData("""{< "2.1.0"}""", "2.1.0~rc1", "2.1.0")]
    [InlineData("""{<= "2.1.0"}""", "2.1.0", "-")]
    [InlineData("""{< "4.14.3" | (>= "5" & < "5.4.1")}""", "4.14.2", "4.14.3")]
    [InlineData("""{< "4.14.3" | (>= "5" & < "5.4.1")}""", "4.14.3", null)]
    [InlineData("""{< "4.14.3" | >= "5" & < "5.4.1"}""", "5~alpha", null)]
    [InlineData("""{< "4.14.3" | >= "5" & < "5.4.1"}""", "5.0.0~alpha", "5.4.1")]
    [InlineData("""{< "4.14.3" | >= "5" & < "5.4.1"}""", "5.2.1", "5.4.1")]
    [InlineData("""{< "2" | >= "2" & < "3"}""", "1", "3")]
    [InlineData("""{< "2" | >= "1" & < "3"}""", "1.5", "3")]
    [InlineData("""{< "2.0" & != "1.5"}""", "1.4", "2.0")]
    [InlineData("""{< "2.0" & != "1.5"}""", "1.5", null)]
    [InlineData("""{< "2.0" & != "1.5"}""", "1.50", "2.0")]
    [InlineData("""{!(>= "2.0")}""", "1.0", "2.0")]
    [InlineData("""{!(< "1" | > "2")}""", "2", "-")]
    [InlineData("""{!(< "1" | > "2")}""", "3", null)]
    [InlineData("""{= "1.0"}""", "1.00", "-")]
    [InlineData("""{= "1.0" | = "1.2"}""", "1.1", null)]
    [InlineData("""{>= "1" < "2"}""", "3", null)]
    [InlineData("""{os = "linux" & < "2"}""", "1", "2")]
    [InlineData("", "dev", "-")]
    public void A_constraint_means_what_it_means_to_opam_and_its_upper_bound_is_the_fix(
        string constraint,
        string version,
        string? expected
    ) =>
        Assert.Equal(
            expected is null ? [] : [$"a.{version} {expected}"],
            Samples.Match(Samples.Opam($"\"a\" {constraint}"), Samples.Packages($"a.{version}"))
        );

    [Theory]
    [InlineData("""["a" {< "2"} "b" {< "3"}]""", "a.1 b.2", "a.1 2|b.2 3")]
    [InlineData("""["a" {< "2"} "b" {< "3"}]""", "a.2 b.2", "b.2 3")]
    [InlineData("""["a" "b"]""", "b.2", "b.2 -")]
    [InlineData(""" "a" {< "2"} | "b" {< "3"}""", "a.5 b.2", "b.2 3")]
    [InlineData(""" "a" {< "2"} & "b" {< "3"}""", "a.5 b.2", "")]
    [InlineData(""" "a" {< "2"} & "b" {< "3"}""", "a.1 b.2", "a.1 2|b.2 3")]
    [InlineData(""" "a" {< "2"} | "b" {< "3"} & "c" """, "a.2 b.2 c.1", "b.2 3|c.1 -")]
    [InlineData("""["a" {= "1"} "a" {< "2"}]""", "a.1", "a.1 -")]
    [InlineData("\"a\" {< \"2\"}\naffected: \"b\"", "a.1 b.1", "a.1 2|b.1 -")]
    [InlineData(""" "A" """, "a.1", "")]
    public void Several_packages_are_affected_each_by_itself_unless_joined_by_and(string affected, string packages, string expected) =>
        Assert.Equal(expected, string.Join('|', Samples.Match(Samples.Opam(affected), Samples.Packages(packages))));

    [Fact]
    public void A_package_whose_version_is_not_known_cannot_be_ruled_out()
    {
        var match = Assert.Single(
            new AdvisoryMatcher([Samples.Opam("\"arp\" {< \"4.1.0\"}")]).Match([
                new ContainedPackage(Ecosystem.Opam, "arp", null, PackageWay.Vendored),
            ])
        );

        Assert.Null(match.Package.Version);
        Assert.Null(match.Fixed);
    }

    [Theory]
    [InlineData("""{"introduced":"0"},{"fixed":"4.14.3"}""", "4.14.2", "4.14.3")]
    [InlineData("""{"introduced":"0"},{"fixed":"4.14.3"}""", "~", "4.14.3")]
    [InlineData("""{"fixed":"2"},{"introduced":"1"}""", "1.5", "2")]
    [InlineData("""{"introduced":"1"},{"last_affected":"1"}""", "1", "-")]
    [InlineData("""{"introduced":"1"},{"last_affected":"1"}""", "1.0.1", null)]
    [InlineData("""{"introduced":"1"}""", "999", "-")]
    [InlineData("""{"introduced":"1"}""", "0.9", null)]
    [InlineData("""{"introduced":"0"},{"fixed":"1"},{"introduced":"2"},{"fixed":"3"}""", "2.5", "3")]
    [InlineData("""{"introduced":"0"},{"fixed":"1"},{"introduced":"2"},{"fixed":"3"}""", "1.5", null)]
    [InlineData("""{"introduced":"0"},{"fixed":"1"},{"introduced":"1"},{"fixed":"3"}""", "1", "3")]
    [InlineData("""{"introduced":"0"},{"limit":"2"}""", "2", null)]
    [InlineData("""{"introduced":"0"},{"limit":"2"}""", "1", "2")]
    [InlineData("""{"introduced":"0"},{"limit":"*"}""", "9", "-")]
    [InlineData("""{"fixed":"2"}""", "1", null)]
    public void Events_of_an_osv_range_count_as_the_schema_says(string events, string version, string? expected) =>
        Assert.Equal(
            expected is null ? [] : [$"a.{version} {expected}"],
            Samples.Match(
                Samples.Osv($$"""{"package":{"ecosystem":"opam","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{{events}}]}]}"""),
                Samples.Packages($"a.{version}")
            )
        );

    [Fact]
    public void Listed_versions_count_exactly_and_ranges_of_commits_not_at_all()
    {
        var advisory = Samples.Osv(
            """
            {"package":{"ecosystem":"opam","name":"a"},"versions":["1.0","1.2"],
             "ranges":[{"type":"GIT","repo":"https://example.org","events":[{"introduced":"0"}]},
                       {"type":"ECOSYSTEM","events":[{"introduced":"2"},{"fixed":"2.1"}]}]}
            """
        );

        Assert.Equal(
            ["a.1.0 2.1", "a.1.2 2.1", "a.2.0 2.1"],
            Samples.Match(advisory, Samples.Packages("a.1.0 a.1.00 a.1.1 a.1.2 a.2.0 a.2.1"))
        );
    }

    [Fact]
    public void A_release_of_Debian_counts_where_it_is_known_and_epochs_decide_first()
    {
        var advisory = Samples.Osv(
            """
            {"package":{"ecosystem":"Debian:12","name":"libgmp10"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2:6.2.1+dfsg1-1.1"}]}]}
            """
        );
        ContainedPackage Gmp(string version) => new(Ecosystem.Debian, "libgmp10", version, PackageWay.System);
        var matcher = new AdvisoryMatcher([advisory]);

        Assert.Single(matcher.Match([Gmp("2:6.2.1+dfsg1-1")]));
        Assert.Single(matcher.Match([Gmp("9.0")]));
        Assert.Empty(matcher.Match([Gmp("3:1")]));
        Assert.Single(matcher.Match([Gmp("9.0")], "12"));
        Assert.Empty(matcher.Match([Gmp("9.0")], "13"));
    }

    [Fact]
    public void Ecosystems_do_not_mix_and_withdrawn_advisories_say_nothing()
    {
        var crate = Samples.Osv(
            """{"package":{"ecosystem":"crates.io","name":"serde-json"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0.0.0-0"},{"fixed":"1.0.1"}]}]}"""
        );

        Assert.Empty(Samples.Match(crate, Samples.Packages("serde-json.1.0.0")));
        Assert.Equal(["serde_json.1.0.1-rc.1 1.0.1"], Samples.Match(crate, Samples.Packages("serde_json.1.0.1-rc.1", Ecosystem.Cargo)));
        Assert.Empty(
            Samples.Match(crate with { Withdrawn = "2026-01-01T00:00:00Z" }, Samples.Packages("serde_json.1.0.0", Ecosystem.Cargo))
        );
        Assert.Empty(
            Samples.Match(Samples.Osv("""{"package":{"ecosystem":"npm","name":"a"},"versions":["1"]}"""), Samples.Packages("a.1"))
        );
    }
}
