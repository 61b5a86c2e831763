using Builder.Web.Http;

namespace Builder.Web.Tests.Http;

public sealed class ExpensiveWorkTests
{
    [Fact]
    public async Task What_nobody_waits_for_goes_after_all_that_somebody_waits_for()
    {
        using var work = new ExpensiveWork();
        var stop = TestContext.Current.CancellationToken;
        var running = new List<ExpensiveWork.Turn>();
        for (var place = 0; place < Math.Max(1, Environment.ProcessorCount / 2); place++)
            running.Add(await work.EnterAsync(stop));
        var last = work.EnterLastAsync(stop).AsTask();
        var waited = work.EnterAsync(stop).AsTask();

        running[0].Dispose();
        var turn = await waited.WaitAsync(stop);
        Assert.True(turn.IsGranted);
        Assert.False(last.IsCompleted);
        turn.Dispose();
        using var granted = await last.WaitAsync(stop);
        Assert.True(granted.IsGranted);
        foreach (var one in running[1..])
            one.Dispose();
    }

    [Fact]
    public async Task Slow_readers_of_archives_keep_nobody_from_comparing()
    {
        using var work = new ExpensiveWork();
        var stop = TestContext.Current.CancellationToken;
        var archives = new List<ExpensiveWork.Turn>();
        for (var reader = 0; reader < 8; reader++)
            archives.Add(await work.EnterArchiveAsync(stop));
        using (var turn = await work.EnterAsync(stop))
            Assert.True(turn.IsGranted);
        foreach (var archive in archives)
            archive.Dispose();
    }

    [Fact]
    public async Task Work_stays_on_the_patient_threads_and_is_finished_even_when_the_site_stops()
    {
        var work = new ExpensiveWork();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var names = new List<string?>();
        var running = work.RunAsync(async () =>
        {
            names.Add(Thread.CurrentThread.Name);
            await Task.Yield();
            names.Add(Thread.CurrentThread.Name);
            await goOn.Task;
            return 1;
        });
        await work.RunAsync(() => Task.FromResult(0));
        work.Dispose();
        goOn.SetResult();
        Assert.Equal(1, await running.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal("patient", names[0]);
        Assert.Equal(2, names.Count);
    }
}
