using System.Diagnostics.Metrics;
using Builder.Storage;
using Builder.Web.Http;

namespace Builder.Web.Monitoring;

/// <summary>What the site counts of itself, beside what the web framework counts of requests; costs nothing while nobody listens.</summary>
internal sealed class SiteMetrics
{
    public const string MeterName = "Builder.Web";

    private readonly Counter<long> uploads;
    private readonly Counter<long> answers;
    private readonly Counter<long> patches;
    private readonly Counter<long> patchedBytes;

    public SiteMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        uploads = meter.CreateCounter<long>("builder.web.uploads", description: "Uploads by outcome.");
        answers = meter.CreateCounter<long>("builder.web.answers", description: "Pages and their JSON by source: kept, or made anew.");
        patches = meter.CreateCounter<long>("builder.web.downloads.patches", description: "Downloads that were sent as patches.");
        patchedBytes = meter.CreateCounter<long>(
            "builder.web.downloads.saved",
            unit: "By",
            description: "Bytes that downloads as patches did not have to send."
        );
        Meter = meter;
    }

    private Meter Meter { get; }

    /// <param name="outcome">A word of few: it becomes a label.</param>
    public void Upload(string outcome) => uploads.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Answer(bool isKept) => answers.Add(1, new KeyValuePair<string, object?>("source", isKept ? "kept" : "made"));

    public void Patched(long saved)
    {
        patches.Add(1);
        patchedBytes.Add(saved);
    }

    /// <summary>Looks at these whenever somebody asks.</summary>
    public void Watch(ExpensiveWork expensive, Func<int> waitingPictures, BuilderStorage storage)
    {
        Meter.CreateObservableGauge(
            "builder.web.expensive.running",
            () => expensive.Running,
            description: "Comparisons, pictures and the like that are being made."
        );
        Meter.CreateObservableGauge(
            "builder.web.expensive.waiting",
            () => expensive.Waiting,
            description: "Requests that wait for their turn to have such made."
        );
        Meter.CreateObservableCounter(
            "builder.web.expensive.refused",
            () => expensive.Refused,
            description: "Requests for such that were told to come again."
        );
        Meter.CreateObservableGauge(
            "builder.web.pictures.waiting",
            waitingPictures,
            description: "Builds whose pictures are to be drawn ahead."
        );
        Meter.CreateObservableGauge(
            "builder.web.contents.damaged",
            () => storage.Damaged.Count,
            description: "Stored contents that are not what their hash says."
        );
        Meter.CreateObservableCounter(
            "builder.web.contents.damage",
            () => storage.Damaged.Detections,
            description: "How often a stored content turned out to be damaged when it was read."
        );
        Meter.CreateObservableGauge(
            "builder.web.contents.checked",
            () => storage.Scrub.State.Finished?.ToUnixTimeSeconds() ?? 0,
            unit: "s",
            description: "When all stored contents were last read and checked, in seconds since 1970; 0 for never."
        );
    }
}
