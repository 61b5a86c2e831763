using System.Text.Json;

namespace Builder.Web.Home;

/// <summary>The front page for programs.</summary>
internal static class HomeJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<HomeSection> sections)
    {
        json.WriteStartObject();
        json.WriteStartArray("jobs");
        foreach (var job in sections.SelectMany(section => section.Jobs))
            WriteJob(json, job);
        json.WriteEndArray();
        json.WriteStartObject("jobs_by_section");
        foreach (var section in sections)
        {
            json.WriteStartArray(section.Name);
            foreach (var job in section.Jobs)
                WriteJob(json, job);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteJob(Utf8JsonWriter json, HomeJob job)
    {
        json.WriteStartObject();
        json.WriteString("name", job.Job.Name);
        json.WriteString("synopsis", job.Job.Synopsis);
        json.WriteEndObject();
    }
}
