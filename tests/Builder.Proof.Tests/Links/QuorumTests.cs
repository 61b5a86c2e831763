using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Links;
using Builder.Proof.Tests.Stock;
using Builder.Testing;

namespace Builder.Proof.Tests.Links;

/// <summary>Two of three builders must agree: what in-toto's own program says of Builder's layouts and links.</summary>
public sealed class QuorumTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly Ed25519SigningKey _owner = Ed25519SigningKey.Generate();
    private readonly Ed25519SigningKey[] _builders =
    [
        Ed25519SigningKey.Generate(),
        Ed25519SigningKey.Generate(),
        Ed25519SigningKey.Generate(),
    ];

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public async Task A_quorum_needs_enough_links(int links, bool expected)
    {
        Prepare("app \"x\" \u00e9.hvt", links);

        Assert.Equal(expected, await VerifyAsync());
    }

    [Fact]
    public async Task Another_file_another_owner_and_a_link_that_does_not_agree_are_refused()
    {
        Prepare("app.hvt", 2);
        Assert.True(await VerifyAsync());

        File.WriteAllText(_folder["app.hvt"], "another");
        Assert.False(await VerifyAsync());
        File.WriteAllText(_folder["app.hvt"], "app");

        File.WriteAllBytes(_folder["owner.pub"], InTotoKey.PublicKeyFile(_builders[0].PublicKey));
        Assert.False(await VerifyAsync());
        File.WriteAllBytes(_folder["owner.pub"], InTotoKey.PublicKeyFile(_owner.PublicKey));

        File.WriteAllBytes(
            _folder[InTotoLink.FileName(InTotoLink.Step, _builders[1].PublicKey)],
            InTotoLink.Sign(InTotoLink.Step, [("app.hvt", Sha256Digest.Of("another"u8))], _builders[1])
        );
        Assert.False(await VerifyAsync());
    }

    [Fact]
    public void A_link_and_its_key_id_are_those_that_another_program_made()
    {
        var key = (Ed25519VerificationKey)
            Ed25519VerificationKey.FromBytes(Convert.FromHexString("6536a24c6d6fe144d944df4a3ad359da48a4e159241839c979a17297cb2d1031"));

        Assert.Equal("dcdc2d00b1e463d4a818d953c751d9ddc91df30f9e684ee77d56eac18aa8bcf1", InTotoKey.IdOf(key));
        Assert.Equal("rebuild.dcdc2d00.link", InTotoLink.FileName("rebuild", key));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _owner.Dispose();
        foreach (var builder in _builders)
            builder.Dispose();
    }

    private void Prepare(string name, int links)
    {
        File.WriteAllText(_folder[name], "app");
        File.WriteAllBytes(_folder["owner.pub"], InTotoKey.PublicKeyFile(_owner.PublicKey));
        File.WriteAllBytes(
            _folder[InTotoLayout.FileName],
            InTotoLayout.Sign(
                name,
                [.. _builders.Select(builder => builder.PublicKey)],
                2,
                TimeProvider.System.GetUtcNow().AddYears(1),
                "2 of 3",
                _owner
            )
        );
        foreach (var builder in _builders.Take(links))
            File.WriteAllBytes(
                _folder[InTotoLink.FileName(InTotoLink.Step, builder.PublicKey)],
                InTotoLink.Sign(InTotoLink.Step, [(name, Sha256Digest.Of("app"u8))], builder)
            );
    }

    private async Task<bool> VerifyAsync() =>
        (
            await InstalledProgram.RunAsync(
                "in-toto-verify",
                ["-l", InTotoLayout.FileName, "-k", "owner.pub", "-t", "ed25519"],
                _folder.Path
            )
        ).ExitCode == 0;
}
