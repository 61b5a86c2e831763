using System.Text.Json;
using Builder.Storage.Failures;
using Builder.Web.Html;

namespace Builder.Web.Failures;

/// <summary>Failures for programs.</summary>
internal static class FailureJson
{
    public static void Write(Utf8JsonWriter json, FailurePage page)
    {
        json.WriteStartObject();
        json.WriteStartArray("groups");
        foreach (var group in page.Groups)
        {
            json.WriteStartObject();
            json.WriteString("title", group.Title);
            json.WriteString("since", Wording.Rfc3339(group.Since));
            json.WriteNumber("jobs", group.JobCount);
            WriteError(json, group.Error);
            json.WriteStartArray("builds");
            foreach (var job in group.Jobs)
            {
                json.WriteStartObject();
                json.WriteString("job", job.Job);
                json.WriteString("platform", job.Platform);
                json.WriteString("uuid", job.Build.Uuid.ToString());
                json.WriteString("start_time", Wording.Rfc3339(job.Build.Started));
                json.WriteString("since", Wording.Rfc3339(job.Since));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("failures");
        foreach (var failure in page.Failures)
        {
            json.WriteStartObject();
            json.WriteString("job", failure.Job);
            json.WriteString("platform", failure.Platform);
            json.WriteString("uuid", failure.Uuid.ToString());
            json.WriteString("start_time", Wording.Rfc3339(failure.Started));
            json.WriteString("result", failure.Result.ToString());
            WriteError(json, failure.Error);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteError(Utf8JsonWriter json, StoredFailure? error)
    {
        if (error is null)
            return;
        json.WriteStartObject("error");
        json.WriteNumber("line", error.Line);
        json.WriteString("text", error.Text);
        json.WriteString("tool", error.Tool);
        if (error.Subject is not null)
            json.WriteString("subject", error.Subject);
        json.WriteString("fingerprint", error.Fingerprint);
        json.WriteEndObject();
    }
}
