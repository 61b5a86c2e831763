using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Builder.Protocol.Json;
using Builder.Protocol.Streaming;
using Builder.Protocol.Text;
using Builder.Protocol.Values;

namespace Builder.Cli.Inspect;

/// <summary>What can be shown of a build. Each goes through the file once and holds neither console nor artifacts.</summary>
internal sealed class ExecInspection(InspectedFile file, TextWriter text, Stream output)
{
    private const int PieceSize = 256 << 10;

    private static readonly ExecLimits AsWritten = ExecLimits.Default with { Paths = ArtifactPaths.AsWritten };

    /// <summary>Goes through the whole without looking at it: throws where it is not a build.</summary>
    /// <param name="toExtract">Also refuse paths that lead out of the directory of the build.</param>
    public async Task CheckAsync(bool toExtract, CancellationToken cancellation)
    {
        var exec = new ExecReader(file.FromStart(), toExtract ? ExecLimits.Default : AsWritten);
        await exec.ReadHeadAsync(cancellation);
        await SkipConsoleAsync(exec, cancellation);
        await exec.ReadTailAsync(cancellation);
        var artifacts = await exec.ReadArtifactsAsync(cancellation);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellation))
        {
            // What is not read is skipped.
        }
    }

    public async Task PrintSummaryAsync(CancellationToken cancellation)
    {
        var exec = Open();
        var head = await exec.ReadHeadAsync(cancellation);
        var lines = await SkipConsoleAsync(exec, cancellation);
        var tail = await exec.ReadTailAsync(cancellation);
        await PrintJobAsync(head);
        await FieldAsync("started", ForPeople(tail.Started));
        await FieldAsync(
            "finished",
            $"{ForPeople(tail.Finished)}, after {(tail.Finished - tail.Started).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s"
        );
        await FieldAsync("result", ForPeople(tail.Result));
        await FieldAsync("console", $"{lines} lines");
        var (count, bytes) = (0, 0L);
        var artifacts = await exec.ReadArtifactsAsync(cancellation);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellation))
        {
            if (count++ == 0)
                await text.WriteLineAsync("artifacts:");
            bytes += artifact.Length;
            await text.WriteLineAsync(
                $"{artifact.Length.ToString("N0", CultureInfo.InvariantCulture), 16}  {ForPeople(artifact.PathAsWritten)}"
            );
        }
        await FieldAsync(count == 0 ? "artifacts" : "in all", $"{count} files, {bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes");
    }

    public async Task PrintJobAsync(CancellationToken cancellation) => await PrintJobAsync(await Open().ReadHeadAsync(cancellation));

    /// <summary>The script, byte for byte.</summary>
    public async Task PrintScriptAsync(CancellationToken cancellation)
    {
        var head = await Open().ReadHeadAsync(cancellation);
        await text.FlushAsync(cancellation);
        await output.WriteAsync(head.Job.Script.Memory, cancellation);
        await output.FlushAsync(cancellation);
    }

    /// <summary>The console, oldest line first, each with the seconds since the start; the lines themselves byte for byte.</summary>
    public async Task PrintConsoleAsync(CancellationToken cancellation)
    {
        var exec = Open();
        await exec.ReadHeadAsync(cancellation);
        using var spool = new LineSpool();
        var console = await exec.ReadConsoleAsync(cancellation);
        await foreach (var line in console.NewestFirst.WithCancellation(cancellation))
            await spool.AddAsync(line, cancellation);
        await text.FlushAsync(cancellation);
        var buffered = new BufferedStream(output, PieceSize);
        await foreach (var line in spool.OldestFirstAsync().WithCancellation(cancellation))
        {
            var seconds = (line.DeltaNanoseconds / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
            await buffered.WriteAsync(Encoding.ASCII.GetBytes($"{seconds, 10}  "), cancellation);
            await buffered.WriteAsync(line.Text.Memory, cancellation);
            buffered.WriteByte((byte)'\n');
        }
        await buffered.FlushAsync(cancellation);
    }

    public async Task PrintJsonAsync(CancellationToken cancellation)
    {
        await text.FlushAsync(cancellation);
        await using (var json = new Utf8JsonWriter(output))
            await StreamedJson.WriteExecAsync(json, Open(), cancellation);
        output.WriteByte((byte)'\n');
    }

    /// <summary>The same build in the one form that is written. Its lengths stand in front, so what follows the console is read first.</summary>
    public async Task ReencodeAsync(Stream destination, CancellationToken cancellation)
    {
        var first = Open();
        await first.ReadHeadAsync(cancellation);
        await SkipConsoleAsync(first, cancellation);
        var tail = await first.ReadTailAsync(cancellation);
        var artifactsLength = (await first.ReadArtifactsAsync(cancellation)).ContentLength;

        var second = Open();
        var head = await second.ReadHeadAsync(cancellation);
        var console = await second.ReadConsoleAsync(cancellation);
        await ExecWriter.WriteAsync(
            destination,
            head,
            console,
            tail,
            new ArtifactSource(artifactsLength, ArtifactsOf(second, cancellation)),
            cancellation
        );
    }

    /// <summary>Writes the artifacts below <paramref name="directory"/>, each at its path.</summary>
    public async Task ExtractAsync(string directory, CancellationToken cancellation)
    {
        var exec = new ExecReader(file.FromStart(), ExecLimits.Default);
        await exec.ReadHeadAsync(cancellation);
        await SkipConsoleAsync(exec, cancellation);
        await exec.ReadTailAsync(cancellation);
        using var confined = new ConfinedDirectory(directory);
        var artifacts = await exec.ReadArtifactsAsync(cancellation);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellation))
        {
            await using var destination = confined.Create(artifact.Path);
            await artifact.Content.CopyToAsync(destination, PieceSize, cancellation);
        }
    }

    private static async IAsyncEnumerable<ArtifactContent> ArtifactsOf(
        ExecReader exec,
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        await exec.ReadTailAsync(cancellation);
        var artifacts = await exec.ReadArtifactsAsync(cancellation);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellation))
            yield return artifact;
    }

    private ExecReader Open() => new(file.FromStart(), AsWritten);

    private static async Task<long> SkipConsoleAsync(ExecReader exec, CancellationToken cancellation)
    {
        var lines = 0L;
        var console = await exec.ReadConsoleAsync(cancellation);
        await foreach (var line in console.NewestFirst.WithCancellation(cancellation))
            lines++;
        return lines;
    }

    private async Task PrintJobAsync(ExecHead head)
    {
        await FieldAsync("job", ForPeople(head.Job.Name));
        await FieldAsync("platform", ForPeople(head.Job.Platform));
        await FieldAsync("uuid", head.Uuid.ToString());
        await FieldAsync("script", $"{head.Job.Script.Length} bytes");
    }

    private Task FieldAsync(string name, string value) => text.WriteLineAsync($"{name + ":", -10} {value}");

    private static string ForPeople(ByteString bytes) => VisibleText.Line(bytes.ToString());

    private static string ForPeople(Timestamp time) => ProtocolJson.Format(time)[..23].Replace('T', ' ') + " UTC";

    private static string ForPeople(ExecutionResult result) =>
        result switch
        {
            ExecutionResult.Exited(var status) => $"exited with status {status}",
            ExecutionResult.Signalled(var signal) => $"killed by {SignalNumber.NameOf(signal)}",
            ExecutionResult.Stopped(var signal) => $"stopped by {SignalNumber.NameOf(signal)}",
            ExecutionResult.Message(var message) => $"not completed: {ForPeople(message)}",
            _ => "unknown",
        };
}
