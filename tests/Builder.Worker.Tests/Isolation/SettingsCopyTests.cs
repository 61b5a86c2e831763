using System.Text;
using Builder.Testing;
using Builder.Worker.Isolation;

namespace Builder.Worker.Tests.Isolation;

public sealed class SettingsCopyTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly SandboxInputs inputs = new();

    public SettingsCopyTests()
    {
        Directory.CreateDirectory(directory["small"]);
        Allow(directory["small"], 0b111_101_101);
        File.WriteAllText(directory["small/file"], "content\n");
        Allow(directory["small/file"], 0b110_100_100);
        File.CreateSymbolicLink(directory["small/link"], "file");
    }

    public void Dispose()
    {
        inputs.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void A_small_directory_is_copied_with_its_files_and_links()
    {
        var words = SettingsCopy.Arguments(directory["small"], [], inputs);

        Assert.NotNull(words);
        var text = string.Join(' ', words);
        Assert.StartsWith($"--dir {directory["small"]} ", text, StringComparison.Ordinal);
        Assert.Contains($"--symlink file {directory["small/link"]}", text, StringComparison.Ordinal);
        Assert.EndsWith($"--perms 0444 --file {SandboxInputs.First} {directory["small/file"]}", text, StringComparison.Ordinal);
        var content = new byte[100];
        Assert.Equal("content\n", Encoding.UTF8.GetString(content, 0, RandomAccess.Read(inputs.Handles.Single(), content, 0)));
    }

    [Fact]
    public void What_others_may_not_read_is_mounted_with_its_permissions()
    {
        Allow(directory["small/file"], 0b110_100_000);

        Assert.Null(SettingsCopy.Arguments(directory["small/file"], [], inputs));
        Assert.Null(SettingsCopy.Arguments(directory["small"], [], inputs));
        Assert.Empty(inputs.Handles);
    }

    [Fact]
    public void A_directory_that_others_may_not_enter_is_mounted()
    {
        Allow(directory["small"], 0b111_101_100);

        Assert.Null(SettingsCopy.Arguments(directory["small"], [], inputs));
    }

    [Fact]
    public void A_hidden_file_is_not_copied()
    {
        var words = SettingsCopy.Arguments(directory["small"], [directory["small/file"]], inputs);

        Assert.NotNull(words);
        Assert.DoesNotContain("--file", words);
        Assert.Empty(inputs.Handles);
    }

    [Fact]
    public void A_large_directory_is_mounted()
    {
        for (var i = 0; i < 20; i++)
            File.CreateSymbolicLink(directory[$"small/link-{i}"], "file");

        Assert.Null(SettingsCopy.Arguments(directory["small"], [], inputs));
        Assert.Empty(inputs.Handles);
    }

    private static void Allow(string path, int mode) => File.SetUnixFileMode(path, (UnixFileMode)mode);
}
