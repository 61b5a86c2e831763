using Builder.Server.Scheduling;
using CsCheck;

namespace Builder.Server.Tests.Scheduling;

/// <summary>The order of schedule and queues, whatever comes and goes.</summary>
public sealed class OrderedPiecesTests
{
    [Fact]
    public void Any_changes_leave_the_items_in_order() =>
        Gen.Select(Gen.Int[0, 3000].List[0, 3000], Gen.Int[0, 3000].List[0, 3000])
            .Sample(
                (added, removed) =>
                {
                    var expected = new SortedSet<int>();
                    var pieces = Make();
                    foreach (var number in added.Where(expected.Add))
                        pieces.Add(new Item(number));
                    Check(expected, pieces);
                    foreach (var number in removed.Where(expected.Remove))
                        pieces.Remove(new Item(number));
                    Check(expected, pieces);
                },
                iter: 200
            );

    [Fact]
    public void What_was_looked_at_does_not_change()
    {
        var pieces = Make();
        for (var number = 0; number < 1000; number++)
            pieces.Add(new Item(number * 2));
        var before = pieces.Look();
        for (var number = 0; number < 1000; number++)
        {
            pieces.Add(new Item((number * 2) + 1));
            pieces.Remove(new Item(number * 2));
        }
        Assert.Equal(Enumerable.Range(0, 1000).Select(number => number * 2), before.Select(item => item.Number));
        Assert.Equal(Enumerable.Range(0, 1000).Select(number => (number * 2) + 1), pieces.Look().Select(item => item.Number));
    }

    [Fact]
    public void A_look_can_go_backwards_and_by_place()
    {
        var pieces = Make();
        for (var number = 0; number < 1000; number++)
            pieces.Add(new Item(number));
        var backwards = pieces.Look().Select(item => item.Number, lastFirst: true);
        Assert.Equal(Enumerable.Range(0, 1000).Reverse(), backwards);
        Assert.Equal(999 - 300, backwards[300]);
        Assert.Equal(300, pieces.Look().Select(item => item.Number)[300]);
        Assert.Throws<ArgumentOutOfRangeException>(() => backwards[1000]);
        Assert.Throws<ArgumentOutOfRangeException>(() => backwards[-1]);
    }

    [Fact]
    public void What_is_not_there_cannot_be_removed()
    {
        var pieces = Make();
        pieces.Add(new Item(1));
        Assert.Throws<InvalidOperationException>(() => pieces.Remove(new Item(0)));
        Assert.Throws<InvalidOperationException>(() => pieces.Remove(new Item(2)));
        Assert.Equal([1], pieces.Look().Select(item => item.Number));
    }

    private static OrderedPieces<Item> Make() => new((left, right) => left.Number.CompareTo(right.Number));

    private static void Check(SortedSet<int> expected, OrderedPieces<Item> pieces)
    {
        Assert.Equal(expected.Count, pieces.Count);
        Assert.Equal(expected, pieces.Look().Select(item => item.Number));
    }

    private sealed record Item(int Number);
}
