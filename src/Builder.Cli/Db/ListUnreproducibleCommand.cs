using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Parsing;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using Builder.Storage.Maintenance;
using Command = System.CommandLine.Command;

namespace Builder.Cli.Db;

/// <summary><c>builder db list-unreproducible [--job JOB]… [--json]</c>: builds of one input with different main binaries.</summary>
internal static class ListUnreproducibleCommand
{
    public static Command Create(DataOptions data, string name = "list-unreproducible")
    {
        var jobs = new Option<JobName[]>("--job")
        {
            Description = "Only this job; may be given several times.",
            HelpName = "JOB",
            CustomParser = static result =>
                [.. result.Tokens.Select(token => ArgumentValues.JobName(result, token.Value)).OfType<JobName>()],
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            name,
            "List builds that had the same input and different main binaries, and repetitions of these. A line each: job, input id, build, platform, start, SHA-256, path."
        )
        {
            jobs,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var storage = await data.OpenStorageAsync(parsed, cancellationToken);
                var chosen = parsed.GetValue(jobs) ?? [];
                foreach (var job in chosen)
                    await RemovalReport.RequireJobAsync(new BuildRemoval(storage, TimeProvider.System), job, cancellationToken);
                var inputs = new UnreproducibleInputs(storage.Database).ListAsync(chosen, cancellationToken);
                await (parsed.GetValue(json) ? WriteJsonAsync(inputs, cancellationToken) : WriteLinesAsync(inputs));
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static async Task WriteLinesAsync(IAsyncEnumerable<UnreproducibleInput> inputs)
    {
        var (count, jobs) = (0, new HashSet<string>(StringComparer.Ordinal));
        await foreach (var input in inputs)
        {
            count++;
            jobs.Add(input.Job);
            foreach (var build in input.Builds)
            {
                Console.WriteLine(
                    $"{input.Job}\t{input.Input}\t{build.Uuid}\t{VisibleText.Line(build.Platform)}\t{Moment(build.Started)}\t{build.Digest}\t{VisibleText.Line(build.MainBinary)}"
                );
            }
        }
        await Console.Error.WriteLineAsync(
            count == 0
                ? "No input has builds with different main binaries."
                : $"{count} {(count == 1 ? "input has" : "inputs have")} builds with different main binaries, in {jobs.Count} {(jobs.Count == 1 ? "job" : "jobs")}."
        );
    }

    private static async Task WriteJsonAsync(IAsyncEnumerable<UnreproducibleInput> inputs, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        await using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.Default }))
        {
            json.WriteStartArray();
            await foreach (var input in inputs)
            {
                json.WriteStartObject();
                json.WriteString("job", input.Job);
                json.WriteString("input_id", input.Input.ToString());
                json.WriteStartArray("builds");
                foreach (var build in input.Builds)
                {
                    json.WriteStartObject();
                    json.WriteString("uuid", build.Uuid.ToString());
                    json.WriteString("platform", build.Platform);
                    json.WriteString("start", Moment(build.Started));
                    json.WriteStartObject("main_binary");
                    json.WriteString("filename", build.MainBinary);
                    json.WriteString("sha256", build.Digest.ToString());
                    json.WriteNumber("size", build.Size);
                    json.WriteEndObject();
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
                await json.FlushAsync(cancellationToken);
            }
            json.WriteEndArray();
        }
        await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    private static string Moment(Timestamp moment) =>
        moment.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
