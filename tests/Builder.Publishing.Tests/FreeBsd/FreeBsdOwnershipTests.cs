using Builder.Publishing.Files;
using Builder.Publishing.FreeBsd;
using Builder.Publishing.Options;
using Builder.Publishing.Packages;
using Builder.Publishing.Signing;
using Builder.Testing;

namespace Builder.Publishing.Tests.FreeBsd;

/// <summary>Names of FreeBSD's packages belong to jobs too, and packages are withdrawn.</summary>
public sealed class FreeBsdOwnershipTests : IDisposable
{
    private const string Abi = "FreeBSD:14:amd64";

    private readonly TemporaryDirectory directory = new();
    private readonly RepositorySettings settings;
    private readonly RsaKey key;

    public FreeBsdOwnershipTests()
    {
        settings = RepositorySettings.Default(directory["config"], directory["data"], RepositoryKind.FreeBsd);
        key = RsaKey.Create(directory["key.pem"]);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private FreeBsdRepository Repository => new(settings, key, key.ExportPublic(), TimeProvider.System);

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("hello", "misc/hello", "", "package hello belongs to job hello-job")]
    [InlineData("Hello", "misc/other", "", "package Hello belongs to job hello-job")]
    [InlineData("evil", "misc/hello", "", "its origin misc/hello is that of package hello")]
    [InlineData("evil", "misc/evil", ",\"shlibs_provided\":[\"libhello.so.1\"]", "it provides libhello.so.1, as package hello does")]
    [InlineData("evil", "misc/evil", ",\"provides\":[\"hello\"]", "provides names hello, which belongs to job hello-job")]
    [InlineData("evil", "misc/evil", ",\"conflicts\":[\"hello~misc/hello\"]", "conflicts names hello, which belongs to job hello-job")]
    [InlineData("evil", "misc/evil", ",\"vital\":true", "vital makes clients install it unasked or keep it")]
    [InlineData("pkg", "ports-mgmt/pkg", "", "package pkg has a protected name")]
    [InlineData("FreeBSD-runtime", "base/runtime", "", "package FreeBSD-runtime has a protected name")]
    public async Task No_package_takes_the_place_of_another_jobs(string name, string origin, string more, string reason)
    {
        await PublishAsync("hello", "misc/hello", "20260101120000", "hello-job", ",\"shlibs_provided\":[\"libhello.so.1\"]");

        var outcome = await PublishAsync(name, origin, "20260102120000", "evil-job", more, "99.0.0");

        Assert.Equal(PublishState.Refused, outcome.State);
        Assert.Contains(reason, outcome.Message, StringComparison.Ordinal);
        Assert.Equal("hello-job", Assert.Single(await Repository.ListAsync(Abi, Cancellation)).Job);
    }

    [Fact]
    public async Task A_build_from_the_future_is_not_published() =>
        Assert.Contains(
            "in the future",
            (await PublishAsync("hello", "misc/hello", "20990101120000", "hello-job")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task A_package_is_withdrawn_and_comes_back_by_hand_only()
    {
        await PublishAsync("other", "misc/other", "20260101120000", "other-job");
        await PublishAsync("hello", "misc/hello", "20260101120000", "hello-job");
        var removed = Assert.Single(await Repository.RemoveAsync(Abi, package => package.Name == "hello", deleteFiles: true, Cancellation));

        Assert.Equal(["other"], (await Repository.ListAsync(Abi, Cancellation)).Select(package => package.Name));
        Assert.False(File.Exists(Path.Combine(settings.Directory, Abi, removed.FileName)));
        Assert.Equal(PublishState.Withdrawn, (await PublishAsync("hello", "misc/hello", "20260102120000", "hello-job")).State);
        Assert.Equal(
            PublishState.Published,
            (await PublishAsync("hello", "misc/hello", "20260102120000", "hello-job", byHand: true)).State
        );
        Assert.Equal(2, (await Repository.ListAsync(Abi, Cancellation)).Count);

        // Its file of that time was deleted.
        Assert.Equal("back to 2, without hello (withdrawn)", (await Repository.RollbackAsync(Abi, 2, Cancellation)).Note);
        Assert.Equal(["other"], (await Repository.ListAsync(Abi, Cancellation)).Select(package => package.Name));
    }

    [Theory]
    [InlineData("packagesite.pkg")]
    [InlineData("packagesite.txz")]
    [InlineData("data.pkg")]
    public async Task A_catalog_that_was_spoiled_on_the_way_does_not_go_live(string archive)
    {
        await PublishAsync("hello", "misc/hello", "20260101120000", "hello-job");
        var repository = new FreeBsdRepository(settings, key, key.ExportPublic(), TimeProvider.System)
        {
            Checkpoint = point =>
            {
                if (point != "data")
                    return;
                var file = Path.Combine(settings.Directory, ".incoming", "catalog", archive);
                var bytes = File.ReadAllBytes(file);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(file, bytes);
            },
        };
        var manifest = PkgMaker.Manifest("other", "1.0.0");
        var other = DebMaker.Build(await PkgMaker.MakeAsync(directory.Path, manifest, manifest), "20260102120000", "freebsd-14.1", "other");

        var exception = await Assert.ThrowsAsync<RepositoryException>(() => repository.PublishAsync([other], Cancellation));

        Assert.Contains(archive, exception.Message, StringComparison.Ordinal);
        Assert.Equal(["hello"], (await Repository.ListAsync(Abi, Cancellation)).Select(package => package.Name));
    }

    [Fact]
    public async Task A_signature_by_another_key_than_clients_have_does_not_go_live()
    {
        var other = RsaKey.Create(directory["other.pem"]);
        var manifest = PkgMaker.Manifest();
        var build = DebMaker.Build(await PkgMaker.MakeAsync(directory.Path, manifest, manifest), "20260102120000", "freebsd-14.1");

        var exception = await Assert.ThrowsAsync<RepositoryException>(() =>
            new FreeBsdRepository(settings, other, key.ExportPublic(), TimeProvider.System).PublishAsync([build], Cancellation)
        );

        Assert.Contains("no signature by the key that clients have", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Repository.Abis);
    }

    private async Task<PublishOutcome> PublishAsync(
        string name,
        string origin,
        string started,
        string job,
        string more = "",
        string version = "1.0.0",
        bool byHand = false
    )
    {
        var manifest = PkgMaker.Manifest(name, version, files: more).Replace($"misc/{name}", origin, StringComparison.Ordinal);
        var package = await PkgMaker.MakeAsync(directory[$"pkgs-{Guid.NewGuid():N}"].TrimEnd('/'), manifest, manifest);
        return Assert.Single(await Repository.PublishAsync([DebMaker.Build(package, started, "freebsd-14.1", job)], Cancellation, byHand));
    }
}
