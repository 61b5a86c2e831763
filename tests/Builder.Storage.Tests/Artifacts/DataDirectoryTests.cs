using Builder.Analysis.Values;
using Builder.Storage.Files;

namespace Builder.Storage.Tests.Artifacts;

public sealed class DataDirectoryTests
{
    private readonly DataDirectory directory = new("/srv/data");

    [Theory]
    [InlineData("../other")]
    [InlineData("hello/../../other")]
    [InlineData("/etc/passwd")]
    [InlineData("../data2/x")]
    [InlineData("")]
    [InlineData(".")]
    public void Paths_that_lead_out_are_refused(string path) => Assert.Throws<InvalidDataException>(() => directory.Resolve(path));

    [Fact]
    public void Paths_stay_inside()
    {
        Assert.Equal("/srv/data/hello/x/console.txt", directory.Resolve("hello/x/console.txt"));
        var digest = Sha256Digest.Of([]);
        Assert.Equal(
            "/srv/data/_artifacts/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            directory.OfArtifact(digest)
        );
        Assert.Equal(digest, Sha256Digest.Parse(digest.ToString().ToUpperInvariant()));
        Assert.False(Sha256Digest.TryParse(digest.ToString()[1..], out _));
        Assert.False(Sha256Digest.TryParse(digest.ToString()[1..] + "g", out _));
        Assert.True(Sha256Digest.Of([]) != default);
    }
}
