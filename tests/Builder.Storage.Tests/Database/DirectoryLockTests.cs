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
        var begun = Enumerable
            .Range(0, 2)
            .Select(static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .ToList();
        var starting = begun.ConvertAll(first => Task.Run(() => StartProcessesAsync(first, enough.Token), CancellationToken.None));
        try
        {
            await Task.WhenAll(begun.Select(static first => first.Task)).WaitAsync(enough.Token);
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

    /// <param name="first">Completes with the first process.</param>
    private static async Task StartProcessesAsync(TaskCompletionSource first, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var process = Process.Start(new ProcessStartInfo("true"))!;
            first.TrySetResult();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
