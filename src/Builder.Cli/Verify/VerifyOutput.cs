using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Builder.Cli.Text;
using Builder.Proof.Verifying;

namespace Builder.Cli.Verify;

/// <summary>Prints the answers: a line each for people, one object for programs.</summary>
internal static class VerifyOutput
{
    public static string Text(VerificationReport report)
    {
        var text = new StringBuilder();
        text.Append(Printable.Of(report.Name)).Append("\nSHA-256 ").Append(report.Digest).Append("\n\n");
        foreach (var check in report.Checks.OrderBy(check => Rank(check.Outcome)))
            text.Append(Mark(check.Outcome)).Append(' ').Append(Printable.Of(check.Text)).Append('\n');
        return text.Append('\n').Append(Printable.Of(report.Summary)).Append('\n').ToString();
    }

    public static string Json(VerificationReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.Default }))
        {
            json.WriteStartObject();
            json.WriteString("name", report.Name);
            json.WriteString("sha256", report.Digest.ToString());
            json.WriteString("outcome", NameOf(report.Outcome));
            json.WriteString("summary", report.Summary);
            if (report.Build is { } build)
            {
                json.WriteStartObject("build");
                json.WriteString("job", build.Job);
                json.WriteString("platform", build.Platform);
                json.WriteString("invocation", build.Invocation);
                json.WriteString("builder", build.BuilderId);
                json.WriteString("build_type", build.BuildType);
                if (build.Started is { } started)
                    json.WriteString("started", started);
                if (build.Finished is { } finished)
                    json.WriteString("finished", finished);
                json.WriteEndObject();
            }
            json.WriteStartArray("checks");
            foreach (var check in report.Checks)
            {
                json.WriteStartObject();
                json.WriteString("name", check.Name);
                json.WriteString("outcome", NameOf(check.Outcome));
                json.WriteString("text", check.Text);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>What is wrong stands at the end, next to the last line.</summary>
    private static int Rank(CheckOutcome outcome) =>
        outcome switch
        {
            CheckOutcome.Passed => 0,
            CheckOutcome.Note => 1,
            CheckOutcome.Unknown => 2,
            _ => 3,
        };

    private static string Mark(CheckOutcome outcome) =>
        outcome switch
        {
            CheckOutcome.Passed => "✓",
            CheckOutcome.Failed => "✗",
            CheckOutcome.Unknown => "?",
            _ => "-",
        };

    private static string NameOf(CheckOutcome outcome) =>
        outcome switch
        {
            CheckOutcome.Passed => "passed",
            CheckOutcome.Failed => "failed",
            CheckOutcome.Unknown => "unknown",
            _ => "note",
        };
}
