using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Web.Html;

namespace Builder.Web.Jobs;

/// <summary>The builds of a job for programs.</summary>
internal static class JobJson
{
    /// <param name="reasons">By main binary, of those builds that are not reproducible.</param>
    /// <param name="withheld">Builds whose hashes nobody gets yet.</param>
    public static void Write(
        Utf8JsonWriter json,
        IReadOnlyList<JobBuild> builds,
        IReadOnlyDictionary<Sha256Digest, VerdictReason> reasons,
        IReadOnlySet<BuildUuid> withheld
    )
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
                json.WriteString("sha256", withheld.Contains(build.Uuid) ? null : main.Hash.ToString());
                json.WriteNumber("size", main.Size);
                json.WriteEndObject();
                reasons.GetValueOrDefault(main.Hash)?.Write(json);
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
