using System.Globalization;
using System.Text;
using System.Text.Json;
using Builder.Storage.Files;
using Builder.Web.Builds;
using Builder.Web.Find;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Jobs;
using Builder.Web.Pages;

namespace Builder.Web.History;

/// <summary>How the numbers of a job's builds changed: charts and a table, JSON, CSV.</summary>
internal static class HistoryEndpoints
{
    private const int UsualCount = 100;
    private const int MaxCount = 500;

    public static void MapHistory(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/job/{job}/history",
            Verbs.Read,
            (HttpContext http, string job, PageResponder pages, IBuildFiles files, ContentIndexing indexing) =>
                pages.RespondAsync(
                    http,
                    page => AnswerAsync(page, job, files, asCsv: false),
                    indexing.Version.ToString(CultureInfo.InvariantCulture),
                    isExpensive: true,
                    job: job
                )
        );
        routes.MapMethods(
            "/job/{job}/history.csv",
            Verbs.Read,
            (HttpContext http, string job, PageResponder pages, IBuildFiles files, ContentIndexing indexing) =>
                pages.RespondAsync(
                    http,
                    page => AnswerAsync(page, job, files, asCsv: true),
                    indexing.Version.ToString(CultureInfo.InvariantCulture),
                    isExpensive: true,
                    job: job
                )
        );
    }

    private static async Task<Answer?> AnswerAsync(PageContext page, string name, IBuildFiles files, bool asCsv)
    {
        if (await JobQueries.FindAsync(page.Session, name, page.Stop) is not { } job)
            return null;
        var count = int.TryParse(page.Query("count"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked)
            ? Math.Clamp(asked, 1, MaxCount)
            : UsualCount;
        var platform = page.Query("platform");
        var platforms = await JobQueries.PlatformsAsync(page.Session, job.Id, page.Stop);
        var builds = new List<HistoryBuild>();
        foreach (var place in platforms.Where(place => platform is null || place == platform))
        {
            foreach (var build in await HistoryQueries.BuildsAsync(page.Session, job.Id, place, page.StartLimit, count, page.Stop))
                builds.Add(await WithUsageAsync(build, files, page.Stop));
        }
        if (asCsv)
            return Answer.Document(Encoding.UTF8.GetBytes(Csv(builds)), "text/csv; charset=utf-8").WithTag(maxAge: 60);
        if (page.WantsJson)
            return Answer.Json(json => Write(json, builds));
        var model = new HistoryPage(
            page.PageLayout($"History of {name}") with
            {
                Feed = Href.JobFeed(name),
            },
            name,
            platform,
            platforms,
            builds
        );
        return await Answer.PageAsync(Charts.Create(model));
    }

    private static async Task<HistoryBuild> WithUsageAsync(HistoryBuild build, IBuildFiles files, CancellationToken cancellationToken)
    {
        if (await files.OpenAsync(build.Console, cancellationToken) is not { } console)
            return build;
        await using (console)
            return await ConsoleUsage.ReadAsync(console, cancellationToken) is { } used
                ? build with
                {
                    ProcessorTime = used.ProcessorTime,
                    Memory = used.Memory,
                }
                : build;
    }

    private static void Write(Utf8JsonWriter json, List<HistoryBuild> builds)
    {
        json.WriteStartObject();
        json.WriteStartArray("builds");
        foreach (var build in builds)
        {
            json.WriteStartObject();
            json.WriteString("uuid", build.Uuid.ToString());
            json.WriteString("platform", build.Platform);
            json.WriteString("start_time", Wording.Rfc3339(build.Started));
            json.WriteString("result", build.Result.ToString());
            json.WriteNumber("seconds", Math.Round(build.Took.TotalSeconds, 3));
            Number(json, "main_binary_size", build.Size);
            Number(json, "packages", build.Packages);
            Number(json, "cpu_seconds", build.ProcessorTime?.TotalSeconds);
            Number(json, "memory_bytes", build.Memory);
            json.WriteString("input_id", build.InputId?.ToString());
            json.WriteBoolean("inputs_changed", build.HasOtherInputs);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            json.WriteNumber(name, Math.Round(number, 3));
        else
            json.WriteNull(name);
    }

    /// <summary>RFC 4180, with a first line of names.</summary>
    private static string Csv(List<HistoryBuild> builds)
    {
        var csv = new StringBuilder(
            "uuid,platform,start_time,result,seconds,main_binary_size,packages,cpu_seconds,memory_bytes,input_id,inputs_changed\r\n"
        );
        foreach (var build in builds)
        {
            csv.Append(
                CultureInfo.InvariantCulture,
                $"{build.Uuid},{Field(build.Platform)},{Wording.Rfc3339(build.Started)},{Field($"{build.Result}")},{build.Took.TotalSeconds:0.###},"
            );
            csv.Append(
                CultureInfo.InvariantCulture,
                $"{build.Size},{build.Packages},{build.ProcessorTime?.TotalSeconds:0.##},{build.Memory},{build.InputId},{(build.HasOtherInputs ? 1 : 0)}\r\n"
            );
        }
        return csv.ToString();
    }

    /// <summary>Quoted; what a spreadsheet would take for a formula is text.</summary>
    private static string Field(string text) =>
        $"\"{(text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <param name="Builds">Of all platforms shown, each oldest first.</param>
public sealed record HistoryPage(
    PageLayout PageLayout,
    string Job,
    string? Platform,
    IReadOnlyList<string> Platforms,
    IReadOnlyList<HistoryBuild> Builds
)
{
    public string Address(string? platform) => $"/job/{Href.Segment(Job)}/history{Href.Query("platform", platform)}";
}
