using System.Diagnostics;
using Builder.Posix;
using Builder.Testing;

namespace Builder.Storage.Tests.Database;

public sealed class DirectoryLockTests
{
    [Fact]
    public async Task A_released_lock_is_free_at_once_although_processes_are_being_started_that_still_hold_the_descriptor()
    {
        using var directory = new TemporaryDirectory();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var starting = Enumerable.Range(0, 2).Select(_ => Task.Run(() => StartProcessesAsync(enough.Token), enough.Token)).ToList();
        try
        {
            for (var i = 0; i < 2000; i++)
            {
                using var alone = DirectoryLock.TryTakeAlone(directory.Path);
                Assert.NotNull(alone);
            }
        }
        finally
        {
            await enough.CancelAsync();
            await Task.WhenAll(starting);
        }
    }

    [Fact]
    public void A_lock_that_is_shared_keeps_others_from_having_it_alone_until_the_last_has_released_it()
    {
        using var directory = new TemporaryDirectory();
        using (DirectoryLock.TryShare(directory.Path))
        {
            using var second = DirectoryLock.TryShare(directory.Path);
            Assert.NotNull(second);
            Assert.Null(DirectoryLock.TryTakeAlone(directory.Path));
        }
        using var alone = DirectoryLock.TryTakeAlone(directory.Path);
        Assert.NotNull(alone);
        Assert.Null(DirectoryLock.TryShare(directory.Path));
    }

    private static async Task StartProcessesAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var process = Process.Start(new ProcessStartInfo("true"))!;
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
