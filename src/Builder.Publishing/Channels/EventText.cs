using System.Globalization;
using Builder.Protocol.Text;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>An event in words, for people.</summary>
/// <param name="Title">One line.</param>
/// <param name="Details">Lines that say more; may be empty.</param>
/// <param name="IsBad">Somebody should look.</param>
public sealed record EventText(string Title, IReadOnlyList<string> Details, bool IsBad, Uri? Link)
{
    private const int MaxText = 300;

    public static EventText Of(OutboxEvent found, SitePlace site)
    {
        var job = Shown(found.Job ?? "");
        var place = found.Platform is { } platform ? $" on {Shown(platform)}" : "";
        var title = found.Kind switch
        {
            EventKind.BuildStored => $"{job}{place}: {Member("result")}",
            EventKind.BuildFailed => $"{job} failed{place}",
            EventKind.BuildFixed => $"{job} succeeds again{place}",
            EventKind.VerdictChanged => $"{job}{place} is {Member("verdict")}",
            EventKind.OutputChanged => $"{job}{place} has another main binary",
            EventKind.BudgetExceeded => $"{job}{place} is over budget",
            EventKind.AdvisoryMatched => $"{Member("advisory")} applies to {job}{place}",
            EventKind.PackagePublished => $"{Member("package")} {Member("package_version")} is published{place}",
            EventKind.WorkerLost => $"Worker {Member("worker")} is gone{place}",
            EventKind.QueueStuck => $"{Number("waiting")} jobs wait{place}, and no worker takes them",
            EventKind.Test => $"Test message of {Shown(site.Title)}",
            _ => found.Kind,
        };
        return new EventText(title, [.. Details().Where(static line => line.Length > 0)], IsBadNews(found), site.PageOf(found));

        string Member(string path) => Shown(EventData.Text(found, path) ?? "");

        string Number(string path) => (EventData.Number(found, path) ?? 0).ToString("N0", CultureInfo.InvariantCulture);

        (long Value, long Budget)? Over(string limit) =>
            EventData.Number(found, $"over_budget.{limit}.value") is { } value
            && EventData.Number(found, $"over_budget.{limit}.budget") is { } budget
                ? (value, budget)
                : null;

        IEnumerable<string> Details()
        {
            if (EventData.Text(found, "text") is { } text)
                yield return Shown(text);
            switch (found.Kind)
            {
                case EventKind.BuildFailed:
                    yield return Member("result");
                    yield return EventData.Text(found, "previous.build") is null ? "The first build of this job on this platform"
                    : EventData.Text(found, "previous.main_binary.sha256") is null ? "The build before it failed too"
                    : "The build before it succeeded";
                    break;
                case EventKind.VerdictChanged:
                    yield return $"Before: {Member("verdict_before")}";
                    break;
                case EventKind.BudgetExceeded:
                    if (Over("size") is (var size, var maySize))
                        yield return FormattableString.Invariant($"{size:N0} bytes, budget {maySize:N0}");
                    if (Over("growth") is (var growth, var mayGrow))
                        yield return FormattableString.Invariant($"Grown by {growth / 10m:0.#} %, budget {mayGrow / 10m:0.#} %");
                    if (Over("time") is (var time, var mayTake))
                        yield return FormattableString.Invariant($"Took {time / 1000m:0.#} s, budget {mayTake / 1000m:0.#} s");
                    break;
                case EventKind.AdvisoryMatched:
                    yield return $"{Member("package")} {Member("package_version")}".TrimEnd()
                        + (EventData.Text(found, "fixed") is { } without ? $", fixed in {Shown(without)}" : ", no fixed version is known");
                    break;
                case EventKind.OutputChanged:
                    yield return $"{Number("previous.main_binary.size")} bytes before, {Number("main_binary.size")} bytes now";
                    break;
                default:
                    break;
            }
            if (EventData.Text(found, "first_error.text") is { } error)
                yield return Shown(error);
        }
    }

    private static bool IsBadNews(OutboxEvent found) =>
        found.Kind switch
        {
            EventKind.BuildFailed or EventKind.BudgetExceeded or EventKind.AdvisoryMatched => true,
            EventKind.WorkerLost or EventKind.QueueStuck => true,
            EventKind.VerdictChanged => EventData.Text(found, "verdict") == "not reproducible",
            _ => false,
        };

    /// <summary>One line without hidden characters, and not too long.</summary>
    private static string Shown(string text)
    {
        var line = VisibleText.Line(text);
        return line.Length <= MaxText ? line : string.Concat(line.AsSpan(0, MaxText), "…");
    }
}
