using System.Net;
using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Statements;
using Builder.Storage.Database;
using Builder.Storage.Statements;
using Builder.Web.Statements;

namespace Builder.Web.Tests;

/// <summary>Signed statements as the site serves them.</summary>
public sealed class StatementTests(FilledSite filled) : IClassFixture<FilledSite>
{
    private const string Build = "/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Provenance_is_served_as_it_was_signed_and_by_the_hash_of_the_file()
    {
        var envelope = await filled.Http.GetByteArrayAsync(Build + "/provenance", Stop);
        var keys = DsseEnvelope.Parse(await filled.Http.GetByteArrayAsync("/.well-known/builder-keys.json", Stop));

        var key = Assert.Single(KeyList.Parse(keys.Payload).Keys).Key;
        Assert.True(keys.IsSignedBy(key));
        Assert.True(DsseEnvelope.Parse(envelope).IsSignedBy(key));
        byte[] line = [.. envelope, (byte)'\n'];
        var all = await filled.Http.GetByteArrayAsync(Build + "/attestations", Stop);
        Assert.Equal(line, all[..line.Length]);
        // Behind it comes what rebuilders said.
        var rebuilt = Encoding.UTF8.GetString(all[line.Length..]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(rebuilt);
        Assert.All(rebuilt, said => Assert.NotEmpty(DsseEnvelope.Parse(Encoding.UTF8.GetBytes(said)).Signatures));
        Assert.Equal(line, await filled.Http.GetByteArrayAsync($"/hash?sha256={TestedStatements.Main}&attestations", Stop));
        Assert.Empty(await filled.Http.GetByteArrayAsync($"/hash?sha256={Sha256Digest.Of("unknown"u8)}&attestations", Stop));
    }

    [Theory]
    [InlineData("/job/other/build/4e467a04-af65-4b95-9a98-d426445e1feb/provenance")]
    [InlineData("/job/other/build/4e467a04-af65-4b95-9a98-d426445e1feb/attestations")]
    [InlineData("/job/hello/build/nonsense/provenance")]
    [InlineData("/buildtypes/script/v2")]
    public async Task Under_another_address_there_is_nothing(string address)
    {
        using var answer = await filled.Http.GetAsync(address, Stop);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_refusal_of_the_signer_is_said_where_the_provenance_would_be()
    {
        await using var site = await Site.FilledAsync();
        await using (var database = await BuilderDatabase.OpenAsync(site.Database, Stop))
        {
            await AttestationTasks.AddMissingAsync(database, isAgain: false, Stop);
            await database.WriteAsync(
                session =>
                    AttestationTasks.RefusedAsync(
                        session,
                        new AttestationTask(TestedStatements.Build, StatementKind.Provenance, 0, null),
                        "its digest is another",
                        DateTimeOffset.UnixEpoch,
                        Stop
                    ),
                Stop
            );
        }

        using var answer = await site.Http.GetAsync(Build + "/provenance", Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains(
            "The signer signs no provenance of this build: its digest is another.",
            await answer.Content.ReadAsStringAsync(Stop),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Every_address_that_stands_in_statements_has_its_page()
    {
        foreach (var page in StatementPages.All)
            Assert.Contains("<h1", await filled.Http.GetStringAsync(page.Address, Stop), StringComparison.Ordinal);
    }
}
