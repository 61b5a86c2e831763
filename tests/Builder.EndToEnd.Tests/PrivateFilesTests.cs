using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>Whatever the umask, others of the machine read nothing of ours.</summary>
public sealed class PrivateFilesTests
{
    private const UnixFileMode OfOthers =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    private static readonly string[] WithoutUmask = ["/bin/sh", "-c", "umask 000; exec \"$0\" \"$@\"", BuilderProcess.Executable];

    [Fact]
    public async Task All_that_the_roles_and_their_tools_keep_is_for_their_user_alone()
    {
        using var directory = new TemporaryDirectory();
        await RunAsync("db", "migrate", "-d", directory["web"]);
        await RunAsync("admin-key", "add", "someone", "--dir", directory["server"]);
        await using (
            var web = BuilderProcess.Start(
                WithoutUmask,
                ["web", "--port", "0", "--datadir", directory["web"], "--configdir", directory["config"]],
                []
            )
        )
        {
            await web.LineAsync(static line => line.Contains("listening on", StringComparison.Ordinal));
            await RunAsync("db", "backup", directory["backup"], "-d", directory["web"]);
            await RunAsync("db", "verify-data-dir", "-d", directory["web"]);
            // While it runs: the database's log and what a server holds open count as well.
            await using var server = BuilderProcess.Start(
                WithoutUmask,
                ["server", "--port", "0", "--dir", directory["server"], "--config-dir", directory["config"]],
                []
            );
            await server.LineAsync(static line => line.Contains("listening on", StringComparison.Ordinal));
            Assert.Empty(Open(directory["web"]));
            Assert.Empty(Open(directory["server"]));
            Assert.Empty(Open(directory["backup"]));
            await server.TerminateAsync();
            await web.TerminateAsync();
        }
        Assert.Empty(Open(directory["web"]));
        Assert.Empty(Open(directory["server"]));
    }

    private static async Task RunAsync(params string[] arguments)
    {
        await using var builder = BuilderProcess.Start(WithoutUmask, arguments, []);
        Assert.True(await builder.ExitAsync() == 0, builder.Transcript);
    }

    private static List<string> Open(string root) =>
        [
            .. Directory
                .EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
                .Prepend(root)
                .Where(static path => new FileInfo(path).LinkTarget is null && (File.GetUnixFileMode(path) & OfOthers) != 0)
                .Select(static path => $"{path} {File.GetUnixFileMode(path)}"),
        ];
}
