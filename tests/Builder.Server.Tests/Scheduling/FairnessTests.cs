using Builder.Server.Scheduling;

namespace Builder.Server.Tests.Scheduling;

public sealed class FairnessTests
{
    private readonly SchedulerFixture farm = new();

    [Fact]
    public void Jobs_of_one_owner_and_priority_are_built_in_the_order_they_came()
    {
        foreach (var name in (string[])["c", "a", "b"])
            farm.Schedule(name);

        Assert.Equal(["c", "a", "b"], TakeAll());
    }

    [Fact]
    public void One_busy_owner_does_not_starve_another()
    {
        for (var i = 0; i < 1000; i++)
            farm.Schedule($"busy-{i}", options: new JobOptions(Owner: "busy"));
        farm.Schedule("quiet-1", options: new JobOptions(Owner: "quiet"));
        farm.Schedule("quiet-2", options: new JobOptions(Owner: "quiet"));

        var taken = TakeAll();

        Assert.InRange(Array.IndexOf(taken, "quiet-1"), 0, 2);
        Assert.InRange(Array.IndexOf(taken, "quiet-2"), 0, 4);
        Assert.Equal(1002, taken.Length);
    }

    [Fact]
    public void A_busy_platform_keeps_no_other_waiting()
    {
        for (var i = 0; i < 1000; i++)
            farm.Schedule($"busy-{i}", options: new JobOptions(Priority: JobOptions.HighestPriority));
        farm.Schedule("quiet", platform: SchedulerFixture.FreeBsd.Value);

        Assert.Equal("quiet", farm.Take(SchedulerFixture.FreeBsd)!.Name.Value);
        Assert.Null(farm.Take(SchedulerFixture.FreeBsd));
        Assert.Equal("busy-0", farm.Take()!.Name.Value);
    }

    [Fact]
    public void A_step_of_priority_doubles_the_share()
    {
        for (var i = 0; i < 30; i++)
        {
            farm.Schedule($"low-{i}");
            farm.Schedule($"high-{i}", options: new JobOptions(Priority: 1));
        }

        var first = TakeAll().Take(30).ToArray();

        Assert.Equal(20, first.Count(name => name.StartsWith("high", StringComparison.Ordinal)));
        Assert.Equal(10, first.Count(name => name.StartsWith("low", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_stream_of_urgent_jobs_does_not_starve_the_rest()
    {
        farm.Schedule("patient");
        var taken = new List<string>();
        for (var i = 0; i < 2000 && !taken.Contains("patient"); i++)
        {
            farm.Schedule($"urgent-{i}", options: new JobOptions(Priority: JobOptions.HighestPriority));
            taken.Add(farm.Take()!.Name.Value);
        }

        Assert.Contains("patient", taken);
    }

    private string[] TakeAll()
    {
        var names = new List<string>();
        while (farm.Take() is { } lease)
            names.Add(lease.Name.Value);
        return [.. names];
    }
}
