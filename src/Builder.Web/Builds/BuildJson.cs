using System.Text.Json;
using Builder.Analysis.Elf;
using Builder.Protocol.Tracing;
using Builder.Storage.Rebuilders;
using Builder.Storage.Repetitions;
using Builder.Web.Html;
using Builder.Web.Rebuilders;

namespace Builder.Web.Builds;

/// <summary>A build for programs.</summary>
internal static class BuildJson
{
    /// <param name="solo5">What the main binary says of itself, where it is a unikernel.</param>
    /// <param name="reason">Why it is not reproducible, where it is not.</param>
    /// <param name="quorum">What rebuilders say; null where none said anything and nothing waits for them.</param>
    /// <param name="story">Why it failed, where it did.</param>
    /// <param name="repetitions">What repetitions say of its main binary; null where nobody repeated it.</param>
    /// <param name="repeats">Which build it repeats; null where it repeats none.</param>
    /// <param name="traceUrl">Where its trace is shown; null where the operator does not say.</param>
    public static void Write(
        Utf8JsonWriter json,
        BuildFacts build,
        Solo5? solo5,
        VerdictReason? reason,
        Quorum? quorum,
        FailureStory? story,
        RepetitionSummary? repetitions,
        StoredRepetition? repeats,
        string? traceUrl
    )
    {
        json.WriteStartObject();
        WriteFacts(json, build);
        WriteSolo5(json, solo5);
        reason?.Write(json);
        if (quorum is not null)
            QuorumJson.Write(json, quorum);
        if (repetitions is not null)
            RepetitionText.Write(json, repetitions);
        if (repeats is not null)
            RepetitionText.Write(json, repeats);
        if (traceUrl is not null)
        {
            json.WriteString("trace_id", BuildTrace.IdOf(build.Uuid).ToHexString());
            json.WriteString("trace_url", traceUrl);
        }
        if (story is not null)
            WriteStory(json, story);
        json.WriteEndObject();
    }

    private static void WriteStory(Utf8JsonWriter json, FailureStory story)
    {
        json.WriteStartObject("failure");
        if (story.Error is { } error)
        {
            json.WriteNumber("line", error.Line);
            json.WriteString("text", error.Text);
            json.WriteString("tool", error.Tool);
            if (error.Subject is not null)
                json.WriteString("subject", error.Subject);
            json.WriteString("fingerprint", error.Fingerprint);
        }
        if (story.LastGood is { } good)
            json.WriteString("last_good", good.Uuid.ToString());
        if (story.FirstBad is { } bad)
        {
            json.WriteString("first_bad", bad.Uuid.ToString());
            json.WriteString("since", Wording.Rfc3339(bad.Started));
        }
        json.WriteBoolean("flaky", story.Succeeded is not null);
        json.WriteStartArray("changes");
        foreach (var change in story.Changes?.Changes ?? [])
        {
            json.WriteStartObject();
            json.WriteString("kind", change.Kind);
            json.WriteString("name", change.Name);
            json.WriteString("before", change.Before);
            json.WriteString("after", change.After);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteFacts(Utf8JsonWriter json, BuildFacts build)
    {
        json.WriteString("job", build.Job);
        json.WriteString("uuid", build.Uuid.ToString());
        json.WriteString("platform", build.Platform);
        json.WriteString("start_time", Wording.Rfc3339(build.Started));
        json.WriteString("finish_time", Wording.Rfc3339(build.Finished));
        json.WriteBoolean("main_binary", build.Main is not null);
    }

    public static void WriteSolo5(Utf8JsonWriter json, Solo5? solo5)
    {
        if (solo5 is null)
            return;
        json.WritePropertyName("solo5_manifest");
        solo5.WriteManifest(json);
        json.WritePropertyName("solo5_abi");
        solo5.WriteAbi(json);
    }
}
