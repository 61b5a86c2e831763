using Builder.Web.Shared;

namespace Builder.Web.Tests.Shared;

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
}
