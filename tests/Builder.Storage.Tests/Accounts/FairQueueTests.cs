using Builder.Storage.Accounts;

namespace Builder.Storage.Tests.Accounts;

public sealed class FairQueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly FairQueue<string> queue = new(maxRunning: 2, maxWaitingPerKey: 8, maxWaiting: 32);

    [Fact]
    public async Task Another_keys_turn_comes_before_hundreds_of_one_key()
    {
        var crowd = Enter("crowd", 300);
        var other = queue.EnterAsync("other", Cancellation);
        queue.Leave();
        queue.Leave();
        Assert.True(await other);
        // Two ran, the last eight that came waited; all others were refused.
        Assert.All(await Task.WhenAll(crowd[2..292]), Assert.False);
    }

    [Fact]
    public async Task The_newest_of_a_key_goes_first()
    {
        _ = Enter("crowd", 7);
        var newest = queue.EnterAsync("crowd", Cancellation);
        queue.Leave();
        Assert.True(await newest);
    }

    [Fact]
    public async Task Where_all_places_are_taken_the_key_with_most_of_them_gives_one_up()
    {
        _ = Enter("one", 10);
        _ = Enter("two", 8);
        _ = Enter("three", 8);
        _ = Enter("four", 8);
        var late = queue.EnterAsync("five", Cancellation);
        Assert.False(late.IsCompleted);
        for (var left = 0; left < 5; left++)
            queue.Leave();
        Assert.True(await late);
    }

    [Fact]
    public async Task Whoever_goes_away_while_waiting_leaves_the_place_to_the_next()
    {
        _ = Enter("crowd", 2);
        using var stop = new CancellationTokenSource();
        var gone = queue.EnterAsync("gone", stop.Token);
        var next = queue.EnterAsync("next", Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        queue.Leave();
        Assert.True(await next);
    }

    [Fact]
    public async Task When_all_have_left_as_many_may_enter_as_at_first()
    {
        _ = Enter("crowd", 4);
        for (var left = 0; left < 4; left++)
            queue.Leave();
        Assert.True(await queue.EnterAsync("a", Cancellation));
        Assert.True(await queue.EnterAsync("b", Cancellation));
        Assert.False(queue.EnterAsync("c", Cancellation).IsCompleted);
    }

    private List<Task<bool>> Enter(string key, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => queue.EnterAsync(key, Cancellation))];
}
