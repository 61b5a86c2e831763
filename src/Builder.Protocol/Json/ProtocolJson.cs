using System.Globalization;
using System.Text.Json;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;
using Builder.Protocol.Values;

namespace Builder.Protocol.Json;

/// <summary>
/// Values of the protocol as JSON, for people and scripts: what <c>builder inspect --json</c> prints. Text is a string where it is UTF-8
/// and <c>{"b64": …}</c> where not; scripts, console lines and files are always base64; times have picoseconds.
/// </summary>
public static class ProtocolJson
{
    /// <summary>The name of a period, as in <c>--period</c>.</summary>
    public static string NameOf(Period period) =>
        period switch
        {
            Period.Hourly => "hourly",
            Period.Daily => "daily",
            Period.Weekly => "weekly",
            _ => "never",
        };

    /// <summary>Such as <c>2026-11-22T16:01:41.123000000000Z</c>; years 0 to 9999.</summary>
    public static string Format(Timestamp time)
    {
        var civil = CivilTime.From(time);
        var picoseconds = time.PicosecondsOfDay % 1_000_000_000_000;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{civil.Year:d4}-{civil.Month:d2}-{civil.Day:d2}T{civil.Hour:d2}:{civil.Minute:d2}:{civil.Second:d2}.{picoseconds:d12}Z"
        );
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<StateItem> state)
    {
        json.WriteStartArray();
        foreach (var item in state)
            Write(json, item);
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, Exec exec)
    {
        json.WriteStartObject();
        WriteHead(json, exec.Job, exec.Uuid);
        json.WriteStartArray("console");
        foreach (var line in exec.Console)
            Write(json, line);
        json.WriteEndArray();
        WriteTimesAndResult(json, exec.Started, exec.Finished, exec.Result);
        WriteArtifacts(json, "output", exec.Output);
        json.WriteEndObject();
    }

    /// <summary>The fields of an exec before its console.</summary>
    public static void WriteHead(Utf8JsonWriter json, ScriptJob job, BuildUuid uuid)
    {
        json.WritePropertyName("job");
        Write(json, job);
        json.WriteString("uuid", uuid.ToString());
    }

    /// <summary>The fields of an exec between its console and its output.</summary>
    public static void WriteTimesAndResult(Utf8JsonWriter json, Timestamp started, Timestamp finished, ExecutionResult result)
    {
        json.WriteString("started", Format(started));
        json.WriteString("finished", Format(finished));
        json.WritePropertyName("result");
        Write(json, result);
    }

    public static void Write(Utf8JsonWriter json, ConsoleLine line)
    {
        json.WriteStartObject();
        json.WriteNumber("delta_ns", line.DeltaNanoseconds);
        WriteBytes(json, "data", line.Text.Span);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ServerInfo info)
    {
        json.WriteStartObject();
        json.WriteStartArray("schedule");
        foreach (var item in info.Schedule)
        {
            json.WriteStartObject();
            WriteScheduleItem(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("queues");
        foreach (var queue in info.Queues)
        {
            json.WriteStartObject();
            WriteQueue(json, queue);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("running");
        foreach (var running in info.Running)
            Write(json, running);
        json.WriteEndArray();
        json.WriteStartArray("dropped_platforms");
        foreach (var platform in info.DroppedPlatforms)
            WriteText(json, platform);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Command command)
    {
        json.WriteStartObject();
        switch (command)
        {
            case Command.JobSchedule(var uuid, var job):
                json.WriteString("cmd", "Job_schedule");
                json.WriteString("uuid", uuid.ToString());
                json.WritePropertyName("job");
                Write(json, job);
                break;
            case Command.JobFinished(var uuid, var result, var data):
                json.WriteString("cmd", "Job_finished");
                json.WriteString("uuid", uuid.ToString());
                json.WritePropertyName("result");
                Write(json, result);
                WriteArtifacts(json, "data", data);
                break;
            case Command.Output(var uuid, var line):
                json.WriteString("cmd", "Output");
                json.WriteString("uuid", uuid.ToString());
                WriteBytes(json, "output", line.Span);
                break;
            case Command.OutputTimestamped(var uuid, var line, var timestamp):
                json.WriteString("cmd", "Output_timestamped");
                json.WriteString("uuid", uuid.ToString());
                json.WriteNumber("timestamp", timestamp);
                WriteBytes(json, "output", line.Span);
                break;
            case Command.Schedule(var period, var job):
                json.WriteString("cmd", "Schedule");
                json.WriteString("period", NameOf(period));
                json.WritePropertyName("job");
                Write(json, job);
                break;
            case Command.ScheduleOrbBuild(var period, var job):
                json.WriteString("cmd", "Schedule_orb_build");
                json.WriteString("period", NameOf(period));
                json.WritePropertyName("job");
                Write(json, job);
                break;
            case Command.Info:
                json.WriteString("cmd", "Info");
                break;
            case Command.InfoReply(var info, _):
                json.WriteString("cmd", "Info_reply");
                json.WritePropertyName("info");
                Write(json, info);
                break;
            case Command.Unschedule(var name):
                WriteWithText(json, "Unschedule", "name", name);
                break;
            case Command.Observe(var uuid):
                json.WriteString("cmd", "Observe");
                json.WriteString("uuid", uuid.ToString());
                break;
            case Command.Reschedule(var name, var next, var period):
                WriteWithText(json, "Reschedule", "name", name);
                json.WriteString("next", Format(next));
                json.WriteString("period", period is { } given ? NameOf(given) : null);
                break;
            case Command.ClientHello(var kind, var version):
                json.WriteString("cmd", "Client_hello");
                json.WriteString("typ", kind == PeerKind.Client ? "client" : "worker");
                json.WriteNumber("version", version);
                break;
            case Command.ServerHello:
                json.WriteString("cmd", "Server_hello");
                break;
            case Command.JobRequested(var platform):
                WriteWithText(json, "Job_requested", "platform", platform);
                break;
            case Command.DropPlatform(var platform):
                WriteWithText(json, "Drop_platform", "platform", platform);
                break;
            case Command.UndropPlatform(var platform):
                WriteWithText(json, "Undrop_platform", "platform", platform);
                break;
            case Command.Success:
                json.WriteString("cmd", "Success");
                break;
            case Command.Failure(var reason):
                WriteWithText(json, "Failure", "msg", reason);
                break;
            case Command.PeerIdentity(var name, _):
                WriteWithText(json, "Worker_identity", "name", name);
                break;
            case Command.TimeLimit(var seconds):
                json.WriteString("cmd", "Time_limit");
                json.WriteNumber("seconds", seconds);
                break;
            case Command.Heartbeat:
                json.WriteString("cmd", "Heartbeat");
                break;
            case Command.Cancel(var uuid):
                json.WriteString("cmd", "Cancel");
                json.WriteString("uuid", uuid.ToString());
                break;
            case Command.Usage(var uuid, var processor, var memory, var written):
                json.WriteString("cmd", "Usage");
                json.WriteString("uuid", uuid.ToString());
                json.WriteNumber("processor_ns", processor);
                json.WriteNumber("peak_memory_bytes", memory);
                json.WriteNumber("bytes_written", written);
                break;
            case Command.Request(var verb, _):
                WriteWithText(json, "Request", "verb", verb);
                break;
            case Command.Answer(var body):
                WriteWithText(json, "Answer", "body", body);
                break;
            case Command.Execute(var name, var platform):
                WriteWithText(json, "Execute", "name", name);
                json.WritePropertyName("platform");
                if (platform is { } chosen)
                    WriteText(json, chosen);
                else
                    json.WriteNullValue();
                break;
        }
        json.WriteEndObject();
    }

    public static void WriteText(Utf8JsonWriter json, ByteString text)
    {
        if (text.TryGetUtf8(out var utf8))
        {
            json.WriteStringValue(utf8);
            return;
        }
        json.WriteStartObject();
        json.WriteBase64String("b64", text.Span);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, StateItem item)
    {
        if (item is StateItem.Legacy)
            return;
        json.WriteStartObject();
        switch (item)
        {
            case StateItem.Schedule(var schedule):
                json.WriteString("item", "Schedule");
                WriteScheduleItem(json, schedule);
                break;
            case StateItem.Queue(var queue):
                json.WriteString("item", "Queue");
                WriteQueue(json, queue);
                break;
            case StateItem.DroppedPlatform(var platform):
                json.WriteString("item", "Dropped_platform");
                json.WritePropertyName("platform");
                WriteText(json, platform);
                break;
        }
        json.WriteEndObject();
    }

    private static void WriteScheduleItem(Utf8JsonWriter json, ScheduleItem item)
    {
        json.WriteString("next", Format(item.Next));
        json.WriteString("period", NameOf(item.Period));
        json.WritePropertyName("job");
        WriteTyped(json, item.Job);
    }

    private static void WriteQueue(Utf8JsonWriter json, PlatformQueue queue)
    {
        json.WritePropertyName("platform");
        WriteText(json, queue.Platform);
        json.WriteStartArray("jobs");
        foreach (var job in queue.Jobs)
            WriteTyped(json, job);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, RunningJob running)
    {
        json.WriteStartObject();
        json.WriteString("started", Format(running.Started));
        json.WriteString("uuid", running.Uuid.ToString());
        json.WritePropertyName("job");
        Write(json, running.Job);
        json.WriteEndObject();
    }

    private static void WriteTyped(Utf8JsonWriter json, Job job)
    {
        json.WriteStartObject();
        json.WriteString("type", job is ScriptJob ? "script_job" : "orb_build_job");
        json.WritePropertyName("job");
        Write(json, job);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Job job)
    {
        json.WriteStartObject();
        json.WritePropertyName("name");
        WriteText(json, job.Name);
        if (job is ScriptJob script)
        {
            json.WritePropertyName("platform");
            WriteText(json, script.Platform);
            WriteBytes(json, "script", script.Script.Span);
        }
        else if (job is OrbBuildJob orb)
        {
            json.WritePropertyName("opam_package");
            WriteText(json, orb.OpamPackage);
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ExecutionResult result)
    {
        json.WriteStartObject();
        switch (result)
        {
            case ExecutionResult.Exited(var status):
                json.WriteNumber("exited", status);
                break;
            case ExecutionResult.Signalled(var signal):
                json.WriteNumber("signalled", signal);
                break;
            case ExecutionResult.Stopped(var signal):
                json.WriteNumber("stopped", signal);
                break;
            case ExecutionResult.Message(var text):
                json.WritePropertyName("msg");
                WriteText(json, text);
                break;
        }
        json.WriteEndObject();
    }

    private static void WriteArtifacts(Utf8JsonWriter json, string name, IReadOnlyList<Artifact> artifacts)
    {
        json.WriteStartArray(name);
        foreach (var artifact in artifacts)
        {
            json.WriteStartObject();
            json.WritePropertyName("path");
            WriteText(json, artifact.Path.Bytes);
            WriteBytes(json, "data", artifact.Data.Span);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteBytes(Utf8JsonWriter json, string name, ReadOnlySpan<byte> bytes)
    {
        json.WriteStartObject(name);
        json.WriteBase64String("b64", bytes);
        json.WriteEndObject();
    }

    private static void WriteWithText(Utf8JsonWriter json, string command, string name, ByteString text)
    {
        json.WriteString("cmd", command);
        json.WritePropertyName(name);
        WriteText(json, text);
    }
}
