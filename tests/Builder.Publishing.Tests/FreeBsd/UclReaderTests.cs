using System.Text;
using Builder.Publishing.Archives;
using Builder.Publishing.FreeBsd;

namespace Builder.Publishing.Tests.FreeBsd;

public sealed class UclReaderTests
{
    [Theory]
    [InlineData("""{"a":"b","n":12,"t":true,"l":["x","y"],"o":{"k":"v"}}""", """{"a":"b","n":12,"t":true,"l":["x","y"],"o":{"k":"v"}}""")]
    [InlineData("a: b\nn = 12;\nt = yes\nl [x, y]\no { k v }\n", """{"a":"b","n":12,"t":true,"l":["x","y"],"o":{"k":"v"}}""")]
    [InlineData("# a remark\nname: hello\n/* and\nanother */ version: 1.2.3\n", """{"name":"hello","version":"1.2.3"}""")]
    [InlineData("desc: <<EOD\nTwo\nlines\nEOD\nwww: https://example.org/x\n", """{"desc":"Two\nlines","www":"https://example.org/x"}""")]
    [InlineData("files {\n  /usr/local/bin/x: \"1$ab\",\n}\n", """{"files":{"/usr/local/bin/x":"1$ab"}}""")]
    [InlineData("""k: "\"\\\n\tA" """, """{"k":"\u0022\\\n\tA"}""")]
    public void It_is_read_as_pkg_reads_it(string text, string json) =>
        Assert.Equal(json, UclReader.Read(Encoding.UTF8.GetBytes(text), "it").ToJsonString());

    [Theory]
    [InlineData("a: {")]
    [InlineData("a: [1,")]
    [InlineData("a: \"b")]
    [InlineData("a: <<EOD\nno end\n")]
    [InlineData("{} more")]
    [InlineData("a:")]
    [InlineData("a: 1\na: 2\n")]
    public void What_is_broken_is_refused(string text) =>
        Assert.Throws<PackageException>(() => UclReader.Read(Encoding.UTF8.GetBytes(text), "it"));

    [Fact]
    public void Nesting_is_bounded() =>
        Assert.Throws<PackageException>(() => UclReader.Read(Encoding.UTF8.GetBytes("a:" + new string('[', 100_000)), "it"));

    [Fact]
    public void The_count_of_values_is_bounded()
    {
        var exception = Assert.Throws<PackageException>(() =>
            UclReader.Read(Encoding.UTF8.GetBytes($"a: [{string.Concat(Enumerable.Repeat("1,", 600_000))}]"), "it")
        );

        Assert.Contains("more than 500000 values", exception.Message, StringComparison.Ordinal);
    }
}
