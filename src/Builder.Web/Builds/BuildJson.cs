using System.Text.Json;
using Builder.Web.Shared;

namespace Builder.Web.Builds;

/// <summary>A build for programs.</summary>
internal static class BuildJson
{
    public static void Write(Utf8JsonWriter json, BuildFacts build)
    {
        json.WriteStartObject();
        json.WriteString("job", build.Job);
        json.WriteString("uuid", build.Uuid.ToString());
        json.WriteString("platform", build.Platform);
        json.WriteString("start_time", Wording.Rfc3339(build.Started));
        json.WriteString("finish_time", Wording.Rfc3339(build.Finished));
        json.WriteBoolean("main_binary", build.Main is not null);
        json.WriteEndObject();
    }
}
