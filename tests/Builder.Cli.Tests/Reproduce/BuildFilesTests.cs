using System.Text;
using Builder.Analysis.Values;
using Builder.Cli.Errors;
using Builder.Cli.Reproduce;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.Cli.Tests.Reproduce;

public sealed class BuildFilesTests
{
    [Fact]
    public async Task The_input_id_is_that_of_sites_and_records_of_inputs_are_no_outputs()
    {
        using var directory = new TemporaryDirectory();
        using var files = new BuildFiles(directory["files"]);
        foreach (var name in (string[])["bin/hello", "build-inputs", "build-environment", "system-packages", "hello.build-hashes"])
            await SaveAsync(files, name, name);

        Assert.Equal(IdOf("build-inputs", "build-environment", "system-packages"), files.InputId);
        Assert.Equal(IdOf("build-inputs", "system-packages"), files.VariedInputId);
        Assert.Equal("bin/hello", files.MainBinary?.ToString());
        Assert.Equal(["bin/hello"], files.Outputs.Select(static output => output.Key.ToString()));
        Assert.Equal("build-inputs", (await files.ReadInputsAsync(TestContext.Current.CancellationToken))["build-inputs"].ToString());

        // With a switch the list of inputs does not count.
        await SaveAsync(files, "opam-switch", "switch");
        Assert.Equal(IdOf("switch", "build-environment", "system-packages"), files.InputId);
    }

    [Fact]
    public async Task Without_one_of_the_records_there_is_no_input_id_and_two_binaries_are_none()
    {
        using var directory = new TemporaryDirectory();
        using var files = new BuildFiles(directory["files"]);
        foreach (var name in (string[])["bin/a", "bin/b", "build-inputs", "build-environment"])
            await SaveAsync(files, name, name);

        Assert.Null(files.InputId);
        Assert.Null(files.MainBinary);
    }

    [Fact]
    public async Task No_artifact_is_written_over_another_or_through_a_link()
    {
        using var directory = new TemporaryDirectory();
        using var files = new BuildFiles(directory["files"]);
        Directory.CreateSymbolicLink(directory["files/bin"], directory.Path);

        await Assert.ThrowsAsync<CommandException>(() => SaveAsync(files, "bin/hello", "x"));
        Assert.False(File.Exists(directory["hello"]));
    }

    private static async Task SaveAsync(BuildFiles files, string name, string content)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        await files.SaveAsync(ArtifactPath.Parse(name), stream, TestContext.Current.CancellationToken);
    }

    private static Sha256Digest IdOf(params IEnumerable<string> contents) =>
        Sha256Digest.Of([.. contents.SelectMany(static content => Sha256Digest.Of(Encoding.UTF8.GetBytes(content)).ToByteArray())]);
}
