using System.Text.Json;

namespace Builder.Web.Jobs;

/// <summary>The builds of a job for programs.</summary>
internal static class JobJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<JobBuild> builds)
    {
        json.WriteStartObject();
        json.WriteStartArray("builds");
        foreach (var build in builds)
        {
            json.WriteStartObject();
            json.WriteString("uuid", build.Uuid.ToString());
            if (build.Main is { } main)
            {
                json.WriteStartObject("main_binary");
                json.WriteString("filename", main.FileName);
                json.WriteString("sha256", main.Hash.ToString());
                json.WriteNumber("size", main.Size);
                json.WriteEndObject();
            }
            else
            {
                json.WriteNull("main_binary");
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
