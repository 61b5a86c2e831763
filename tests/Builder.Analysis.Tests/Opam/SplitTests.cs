using System.Text;
using Builder.Analysis.Opam;
using Builder.Testing;

namespace Builder.Analysis.Tests.Opam;

public sealed class SplitTests
{
    [Theory]
    [InlineData("albatross-2026-08-22")]
    [InlineData("unikernel-2026-08-22")]
    public void Each_package_of_an_export_prints_as_the_reference_prints_it(string name)
    {
        var export = Switches.Read(name);
        var answers = Vectors.Files($"opam/split/{name}", "*.opam").ToList();
        Assert.NotEmpty(answers);
        foreach (var answer in answers)
        {
            var package = OpamText.FromUtf8(Path.GetFileNameWithoutExtension(answer));
            Assert.Equal(Vectors.ReadText(answer), Encoding.UTF8.GetString(export.Packages[package].Print(package).Span));
        }
    }
}
