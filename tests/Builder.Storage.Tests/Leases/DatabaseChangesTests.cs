using Builder.Storage.Database;
using Builder.Storage.Leases;

namespace Builder.Storage.Tests.Leases;

/// <summary>A process is told of what another one wrote; here each has a <see cref="BuilderDatabase"/> of its own.</summary>
public sealed class DatabaseChangesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="pollingSeconds">One that long is never met: then only notifications tell.</param>
    [Theory]
    [InlineData(3600, true)]
    [InlineData(0.05, false)]
    public async Task Writes_of_another_process_are_told(double pollingSeconds, bool isNotified)
    {
        using var folder = await DataFolder.NewestAsync(DatabaseEngine.PostgreSql);
        await using var reader = await folder.OpenAsync();
        await using var writer = await folder.OpenAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var told = new SemaphoreSlim(0);
        var following = new DatabaseChanges(reader, TimeSpan.FromSeconds(pollingSeconds)).RunAsync(
            _ =>
            {
                told.Release();
                return Task.CompletedTask;
            },
            error => Assert.Fail(error.ToString()),
            end.Token
        );
        await told.WaitAsync(Stop); // the first look
        for (var i = 0; i < 3; i++)
        {
            if (isNotified)
                await writer.WriteAsync(_ => Task.CompletedTask, Stop);
            else
                await BumpSilentlyAsync(writer);
            await told.WaitAsync(Stop);
        }
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    [Fact]
    public async Task Processes_that_live_are_listed_until_they_end()
    {
        using var folder = await DataFolder.NewestAsync(DatabaseEngine.PostgreSql);
        await using var database = await folder.OpenAsync();
        await LeaseTables.EnsureAsync(database, Stop);
        var processes = new WebProcesses(database);
        await processes.BeatAsync("b", "host-2", 7, "1.0", "http://127.0.0.1:3001", TimeSpan.FromSeconds(30), Stop);
        await processes.BeatAsync("a", "host-1", 6, "1.0", "http://127.0.0.1:3000", TimeSpan.FromSeconds(30), Stop);
        await processes.BeatAsync("a", "host-1", 6, "1.0", "http://127.0.0.1:3000", TimeSpan.FromSeconds(30), Stop);
        await using var session = await database.OpenReadAsync(Stop);
        var listed = await WebProcesses.ListAsync(session, Stop);
        Assert.Equal(["host-1", "host-2"], listed.Select(process => process.Host));
        Assert.All(listed, process => Assert.True(process.IsAlive));

        await session.ExecuteAsync("UPDATE web_process SET seen = seen - 60000 WHERE id = 'b'", Stop);
        Assert.Equal([true, false], (await WebProcesses.ListAsync(session, Stop)).Select(one => one.IsAlive));
        await processes.RemoveAsync("a", Stop);
        Assert.Equal("b", Assert.Single(await WebProcesses.ListAsync(session, Stop)).Id);
        // Forgotten a day after the last sign of it.
        await session.ExecuteAsync("UPDATE web_process SET seen = seen - 86400000", Stop);
        await processes.BeatAsync("c", "host-3", 8, "1.0", "", TimeSpan.FromSeconds(30), Stop);
        Assert.Equal("c", Assert.Single(await WebProcesses.ListAsync(session, Stop)).Id);
    }

    /// <summary>A write whose notification is lost.</summary>
    private static Task<int> BumpSilentlyAsync(BuilderDatabase writer) =>
        writer.WriteQuietlyAsync(session => session.ExecuteAsync("UPDATE revision SET number = number + 1 WHERE id = 1", Stop), Stop);
}
