using System.Diagnostics;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Tracing;

public sealed class BuildTraceTests : IDisposable
{
    private static readonly BuildUuid Uuid = BuildUuid.Parse("b92c500e-03fc-44d9-95de-50e5e6f91479");

    private readonly ActivityListener listener = new()
    {
        ShouldListenTo = static source => source.Name == BuildTrace.SourceName,
        Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    [Fact]
    public void Without_a_listener_there_are_no_spans()
    {
        Assert.Null(BuildTrace.StartBackground(Uuid, "index"));
        Assert.Null(BuildTrace.Start(Uuid, BuildSpan.Build));
    }

    [Fact]
    public void The_trace_is_the_uuid()
    {
        ActivitySource.AddActivityListener(listener);

        using var span = BuildTrace.Start(Uuid, BuildSpan.Build);

        Assert.Equal("b92c500e03fc44d995de50e5e6f91479", span!.TraceId.ToHexString());
        Assert.Equal(default, span.ParentSpanId);
        Assert.True(span.Recorded);
    }

    /// <summary>Another process knows them: they must not change with a version of the class library or of this program.</summary>
    [Theory]
    [InlineData(BuildSpan.Build, "3ac927321c3e2bf5")]
    [InlineData(BuildSpan.Run, "a08c6a0cfb318faa")]
    [InlineData(BuildSpan.Commit, "3b5e1d3939b5e61a")]
    public void Ids_of_spans_follow_from_the_uuid(BuildSpan which, string id)
    {
        ActivitySource.AddActivityListener(listener);

        using var span = BuildTrace.Start(Uuid, which);

        Assert.Equal(id, span!.SpanId.ToHexString());
        Assert.Equal(id, BuildTrace.ContextOf(Uuid, which).SpanId.ToHexString());
        Assert.Equal($"00-b92c500e03fc44d995de50e5e6f91479-{id}-01", span.Id);
    }

    [Fact]
    public void The_first_span_of_a_trace_does_not_take_the_current_one_for_its_parent()
    {
        ActivitySource.AddActivityListener(listener);
        using var visitor = new Activity("visit").Start();

        using var span = BuildTrace.Start(Uuid, BuildSpan.Build);

        Assert.Equal(default, span!.ParentSpanId);
    }

    [Fact]
    public void A_span_has_the_times_that_it_is_given()
    {
        ActivitySource.AddActivityListener(listener);
        var start = Timestamp.From(new DateTimeOffset(2026, 11, 27, 8, 0, 0, TimeSpan.Zero));

        var span = BuildTrace.Start(Uuid, BuildSpan.Queue, started: start);
        span.EndAt(start + TimeSpan.FromMinutes(3));

        Assert.Equal(new DateTime(2026, 11, 27, 8, 0, 0, DateTimeKind.Utc), span!.StartTimeUtc);
        Assert.Equal(TimeSpan.FromMinutes(3), span.Duration);
    }

    [Fact]
    public void Long_reasons_are_cut()
    {
        ActivitySource.AddActivityListener(listener);
        using var span = BuildTrace.Start(Uuid, BuildSpan.Build);

        span.Fail(new string('x', 10_000));

        Assert.Equal((ActivityStatusCode.Error, 300), (span!.Status, span.StatusDescription!.Length));
    }

    public void Dispose() => listener.Dispose();
}
