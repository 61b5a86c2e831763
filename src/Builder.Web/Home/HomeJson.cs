using System.Text.Json;
using Builder.Analysis.Elf;
using Builder.Analysis.Values;
using Builder.Web.Builds;

namespace Builder.Web.Home;

/// <summary>The front page for programs.</summary>
internal static class HomeJson
{
    /// <param name="unikernels">By the hash of the main binary; <c>latest</c> stands only where it is one.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<HomeSection> sections, IReadOnlyDictionary<Sha256Digest, Solo5> unikernels)
    {
        json.WriteStartObject();
        json.WriteStartArray("jobs");
        foreach (var job in sections.SelectMany(section => section.Jobs))
            WriteJob(json, job, unikernels);
        json.WriteEndArray();
        json.WriteStartObject("jobs_by_section");
        foreach (var section in sections)
        {
            json.WriteStartArray(section.Name);
            foreach (var job in section.Jobs)
                WriteJob(json, job, unikernels);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteJob(Utf8JsonWriter json, HomeJob job, IReadOnlyDictionary<Sha256Digest, Solo5> unikernels)
    {
        json.WriteStartObject();
        json.WriteString("name", job.Job.Name);
        json.WriteString("synopsis", job.Job.Synopsis);
        if (job.Cells.Any(static cell => cell is { IsRegression: true }))
        {
            json.WriteStartArray("regressions");
            foreach (var cell in job.Cells.Where(static cell => cell is { IsRegression: true }))
                json.WriteStringValue(cell!.Platform);
            json.WriteEndArray();
        }
        if (job.Latest is { } latest && unikernels.TryGetValue(latest.MainHash, out var solo5))
        {
            json.WriteStartObject("latest");
            json.WriteString("uuid", latest.Uuid.ToString());
            BuildJson.WriteSolo5(json, solo5);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
