using System.Diagnostics;
using Builder.Protocol.Messages;
using Builder.Server.Access;
using Builder.Testing;

namespace Builder.Server.Tests.Access;

public sealed class KeyOwnerTests
{
    [Fact]
    public async Task A_key_that_root_makes_belongs_to_whom_the_servers_directory_belongs_to()
    {
        Requirement.Root("give files away");
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["server"]);
        await RunAsync("chown", "65534:65533", directory["server"]);

        new AccessKeys(directory["server"], TimeProvider.System).Add(PeerKind.Worker, "w1", []);

        Assert.Equal(
            "65534:65533\n65534:65533\n",
            await RunAsync("stat", "-c", "%u:%g", directory["server/_keys"], directory["server/_keys/worker-w1"])
        );
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
