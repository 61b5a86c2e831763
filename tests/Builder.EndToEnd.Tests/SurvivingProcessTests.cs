using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Tests.Conversation;

namespace Builder.EndToEnd.Tests;

/// <summary>A process that became another user's, which a worker that is no more than a user cannot end.</summary>
public sealed class SurvivingProcessTests
{
    [Fact]
    public async Task A_worker_takes_no_job_while_a_process_of_the_last_one_lives_and_says_why()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        await using var worker = await StartWorkerAsync(server, directory);
        var survivor = await LeaveOneAsync(server, directory["become"]);
        try
        {
            for (var i = 0; i < 2; i++)
                await worker.LineAsync(line =>
                    line.Contains("no job is taken: 1 processes of the last one cannot be ended", StringComparison.Ordinal)
                );
            Assert.False(server.IsAsked);
        }
        finally
        {
            await FarmRemains.KillAsync([survivor]);
        }

        using var peer = await server.AcceptAsync();
        await peer.GiveAsync("echo taken again");
        Assert.Equal(["taken again"], (await peer.TakeAsync()).Lines);
        peer.Dispose();
        Assert.Equal(0, await worker.TerminateAsync());
    }

    [Fact]
    public async Task A_worker_that_is_asked_to_end_does_not_wait_for_a_process_that_it_cannot_end()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        await using var worker = await StartWorkerAsync(server, directory);
        var survivor = await LeaveOneAsync(server, directory["become"]);
        try
        {
            Assert.Equal(0, await worker.TerminateAsync());
        }
        finally
        {
            await FarmRemains.KillAsync([survivor]);
        }
    }

    private static async Task<BuilderProcess> StartWorkerAsync(FakeServer server, TemporaryDirectory directory)
    {
        await OtherUser.Free.EnsureAsync();
        Directory.CreateDirectory(directory["work"]);
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        File.SetUnixFileMode(directory["work"], (UnixFileMode)0b111_111_111);
        // In place of a program such as su: gives whoever runs it the right to become another user.
        File.Copy("/usr/bin/setpriv", directory["become"]);
        File.SetUnixFileMode(directory["become"], UnixFileMode.SetUser | (UnixFileMode)0b111_101_101);
        return BuilderProcess.Start(
            [.. OtherUser.Free.Command, BuilderProcess.Executable],
            ["worker", "p", "--loop", "-r", $"{server.Address}", "--workdir", directory["work"]],
            environment: []
        );
    }

    /// <summary>Runs a job that leaves such a process, and returns that.</summary>
    private static async Task<int> LeaveOneAsync(FakeServer server, string become)
    {
        var script = $$"""
            become='{{become}} --reuid={{OtherUser.Nobody.Id}} --clear-groups'
            $become true || exit 3
            $become sleep 4321 &
            until [ "$(stat -c %u /proc/$!)" = {{OtherUser.Nobody.Id}} ]; do sleep 0.01; done
            echo $!
            """;
        using var peer = await server.AcceptAsync();
        await peer.GiveAsync(script);
        var (console, finished) = await peer.TakeAsync();
        Requirement.Met(finished.Result != new ExecutionResult.Exited(3), $"{become} gives no rights: {string.Join(' ', console)}");
        Assert.Equal(new ExecutionResult.Exited(0), finished.Result);
        Assert.Equal("builder: 1 processes of this job could not be ended", console[1]);
        return int.Parse(console[0], null);
    }
}
