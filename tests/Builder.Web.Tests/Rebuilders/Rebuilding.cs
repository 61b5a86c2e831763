using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Rebuilding;
using Builder.Proof.Statements;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;
using Microsoft.Extensions.DependencyInjection;

namespace Builder.Web.Tests.Rebuilders;

/// <summary>Somebody who says what it got for a build of the filled site.</summary>
internal static class Rebuilding
{
    public const string Uuid = "4e467a04-af65-4b95-9a98-d426445e1feb";

    public const string Page = "/job/hello/build/" + Uuid;

    /// <summary>What the build left as <c>bin/hello.hvt</c>.</summary>
    public static readonly Sha256Digest Main = Sha256Digest.Parse("4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8");

    public static readonly Sha256Digest Other = Sha256Digest.Of("other bytes"u8);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static byte[] Sign(
        SigningKey key,
        Sha256Digest main,
        string uuid = Uuid,
        string platform = "debian-12",
        string? difference = null
    ) =>
        RebuildStatement.Sign(
            new RebuildResult
            {
                Build = new Uri($"https://builds.example/job/hello/build/{uuid}"),
                External = new ExternalParameters("hello", platform, Sha256Digest.Of("script"u8)),
                Artifacts = [ResourceDescriptor.Of("bin/hello.hvt", main)],
                MainBinary = "bin/hello.hvt",
                InvocationId = "rebuild-1",
                Difference = difference,
            },
            key
        );

    public static async Task<HttpResponseMessage> PostAsync(Site site, byte[] lines, string page = Page)
    {
        using var content = new ByteArrayContent(lines);
        return await site.Http.PostAsync($"{page}/attestations", content, Stop);
    }

    public static Task RegisterAsync(Site site, string name, SigningKey key) =>
        RebuilderRows.AddAsync(
            site.Web.Services.GetRequiredService<BuilderDatabase>(),
            new Rebuilder(name, key.Id.Value, key.PublicKey.SubjectPublicKeyInfo, site.Clock.GetUtcNow(), null, null),
            Stop
        );

    /// <summary>Packages of the job wait for two rebuilders; builds that are there already, too.</summary>
    public static async Task WithholdAsync(Site site)
    {
        var database = site.Web.Services.GetRequiredService<BuilderDatabase>();
        await PublishRuleRows.ReplaceAsync(
            database,
            new Dictionary<string, StoredPublishRule> { ["hello"] = new(Others: 2, IsIndependent: true) },
            Stop
        );
        await database.WriteAsync(session => session.ExecuteAsync("UPDATE publish_rule SET after_build = 0", Stop), Stop);
    }
}
