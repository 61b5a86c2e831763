using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Repetitions;
using Builder.Web.Html;

namespace Builder.Web.Jobs;

/// <summary>The builds of a job for programs.</summary>
internal static class JobJson
{
    /// <param name="reasons">By main binary, of those builds that are not reproducible.</param>
    /// <param name="repetitions">By main binary, of those that were repeated.</param>
    /// <param name="regressions">Of the job, those that last.</param>
    /// <param name="withheld">Builds whose hashes nobody gets yet.</param>
    public static void Write(
        Utf8JsonWriter json,
        IReadOnlyList<JobBuild> builds,
        IReadOnlyDictionary<Sha256Digest, VerdictReason> reasons,
        IReadOnlyDictionary<Sha256Digest, RepetitionSummary> repetitions,
        IReadOnlyList<StoredRegression> regressions,
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
                if (repetitions.GetValueOrDefault(main.Hash) is { } summary)
                    RepetitionText.Write(json, summary);
            }
            else
            {
                json.WriteNull("main_binary");
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (regressions.Count > 0)
            WriteRegressions(json, regressions);
        json.WriteEndObject();
    }

    private static void WriteRegressions(Utf8JsonWriter json, IReadOnlyList<StoredRegression> regressions)
    {
        json.WriteStartArray("regressions");
        foreach (var regression in regressions)
        {
            json.WriteStartObject();
            json.WriteNumber("id", regression.Id);
            json.WriteString("platform", regression.Platform);
            json.WriteString("good", regression.Good.ToString());
            json.WriteString("bad", regression.Bad.ToString());
            json.WriteString("found", Wording.Rfc3339(regression.Found));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
