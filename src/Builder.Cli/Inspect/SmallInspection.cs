using System.Text;
using System.Text.Json;
using Builder.Cli.Errors;
using Builder.Protocol.Json;
using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;

namespace Builder.Cli.Inspect;

/// <summary>A message or a state file, which are held in memory.</summary>
internal sealed class SmallInspection(Func<byte[]> encode, Action<Utf8JsonWriter> writeJson)
{
    public static SmallInspection OfCommand(byte[] body)
    {
        var command = CommandCodec.Decode(body);
        return new SmallInspection(() => CommandCodec.Encode(command), json => ProtocolJson.Write(json, command));
    }

    public static SmallInspection OfState(byte[] file)
    {
        var state = StateFile.Decode(file);
        return new SmallInspection(() => StateFile.Encode(state), json => ProtocolJson.Write(json, state));
    }

    /// <summary>People get the JSON too, a field a line.</summary>
    public async Task RunAsync(Wanted wanted, Stream output, CancellationToken cancellationToken)
    {
        if (wanted.Job || wanted.Script || wanted.Console || wanted.Output is not null)
            throw new CommandException("--job, --script, --console and --output are for builds; leave --kind out, or ask for --json");
        if (wanted.Reencode is { } copy)
            await ReplacedFile.WriteAsync(copy, async stream => await stream.WriteAsync(encode(), cancellationToken));
        if (!wanted.Json && !wanted.IsNothing)
            return;
        await using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = !wanted.Json }))
            writeJson(json);
        await output.WriteAsync(Encoding.ASCII.GetBytes("\n"), cancellationToken);
    }
}
