using System.Collections.Immutable;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Statements;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;
using Builder.Storage.Statements;
using Builder.Web.Tests.Rebuilders;

namespace Builder.Web.Tests;

/// <summary>A filled site gets what a signer would have signed: provenance of one build, and the list of keys.</summary>
internal static class TestedStatements
{
    public static readonly BuildUuid Build = BuildUuid.Parse("4e467a04-af65-4b95-9a98-d426445e1feb");
    public static readonly Sha256Digest Main = Sha256Digest.Parse("4b1ecce45c7af07315755d0032e8c0d679fcaa79767e67a9e60991f376047ac8");

    /// <summary>Name of the statement of a rebuilder that got other bytes.</summary>
    public static readonly Sha256Digest Rebuilt = Sha256Digest.Of("payload of a rebuilder"u8);

    private static readonly DateTimeOffset Signed = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    public static async Task AddAsync(Site site)
    {
        using var key = EcdsaSigningKey.Generate();
        var keys = new KeyList("http://localhost", Signed, [new PublishedKey(key.PublicKey, KeyUse.Statements, Signed)]);
        var statement = InTotoStatement.Write(
            [ResourceDescriptor.Of("bin/hello.hvt", Main)],
            new SlsaProvenance
            {
                BuildType = "http://localhost/buildtypes/script/v1",
                External = new ExternalParameters("hello", "debian-12", Sha256Digest.Of("script"u8)),
                BuilderId = "http://localhost/builders/sandboxed",
                InvocationId = Build.ToString(),
                ResolvedDependencies = ImmutableArray<ResourceDescriptor>.Empty,
            }
        );
        await using var database = await BuilderDatabase.OpenAsync(site.Database, CancellationToken.None);
        await database.WriteAsync(
            async session =>
            {
                await AddAsync(session, Build, StatementKind.Provenance, DsseEnvelope.InTotoPayloadType, statement, key);
                await AddAsync(session, null, StatementKind.Keys, KeyList.PayloadType, keys.ToJson(), key);
            },
            CancellationToken.None
        );
        await AddRebuildersAsync(database);
    }

    /// <summary>One that agrees and one that does not.</summary>
    private static async Task AddRebuildersAsync(BuilderDatabase database)
    {
        foreach (
            var (name, main, payload) in ((string, Sha256Digest, Sha256Digest)[])
                [
                    ("debian.example", Main, Sha256Digest.Of("payload"u8)),
                    ("rebuilder-of-a-university.example", Sha256Digest.Of("other"u8), Rebuilt),
                ]
        )
        {
            using var key = Ed25519SigningKey.Generate();
            await RebuilderRows.AddAsync(
                database,
                new Rebuilder(name, key.Id.Value, key.PublicKey.SubjectPublicKeyInfo, Signed, null, null),
                CancellationToken.None
            );
            var lines = Rebuilding.Sign(key, main);
            var end = lines.AsSpan().IndexOf((byte)'\n');
            await RebuildRows.InsertAsync(
                database,
                new NewRebuild(
                    Build,
                    key.Id.Value,
                    main == Main,
                    lines.AsMemory(0, end),
                    payload,
                    lines.AsMemory(end + 1),
                    main == Main ? null : "build time in bin/hello.hvt",
                    Signed
                ),
                CancellationToken.None
            );
        }
    }

    private static Task AddAsync(DatabaseSession session, BuildUuid? build, string kind, string type, byte[] payload, SigningKey key) =>
        StatementRows.InsertAsync(
            session,
            new StoredStatement(
                build,
                kind,
                DsseEnvelope.Sign(type, payload, key).ToJson(),
                key.Id.Value,
                build is null ? null : 5,
                Signed
            ),
            build is null ? [] : [Main],
            CancellationToken.None
        );
}
