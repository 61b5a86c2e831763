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
    public async Task CheckAsync(bool toExtract, CancellationToken cancellationToken)
    {
        var exec = new ExecReader(file.FromStart(), toExtract ? ExecLimits.Default : AsWritten);
        await exec.ReadHeadAsync(cancellationToken);
        await SkipConsoleAsync(exec, cancellationToken);
        await exec.ReadTailAsync(cancellationToken);
        var artifacts = await exec.ReadArtifactsAsync(cancellationToken);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellationToken))
        {
            // What is not read is skipped.
        }
    }

    public async Task PrintSummaryAsync(CancellationToken cancellationToken)
    {
        var exec = Open();
        var head = await exec.ReadHeadAsync(cancellationToken);
        var lines = await SkipConsoleAsync(exec, cancellationToken);
        var tail = await exec.ReadTailAsync(cancellationToken);
        await PrintJobAsync(head);
        await FieldAsync("started", ForPeople(tail.Started));
        await FieldAsync(
            "finished",
            $"{ForPeople(tail.Finished)}, after {(tail.Finished - tail.Started).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s"
        );
        await FieldAsync("result", ForPeople(tail.Result));
        await FieldAsync("console", $"{lines} lines");
        var (count, bytes) = (0, 0L);
        var artifacts = await exec.ReadArtifactsAsync(cancellationToken);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellationToken))
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

    public async Task PrintJobAsync(CancellationToken cancellationToken) =>
        await PrintJobAsync(await Open().ReadHeadAsync(cancellationToken));

    /// <summary>The script, byte for byte.</summary>
    public async Task PrintScriptAsync(CancellationToken cancellationToken)
    {
        var head = await Open().ReadHeadAsync(cancellationToken);
        await text.FlushAsync(cancellationToken);
        await output.WriteAsync(head.Job.Script.Memory, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>The console, oldest line first, each with the seconds since the start; the lines themselves byte for byte.</summary>
    public async Task PrintConsoleAsync(CancellationToken cancellationToken)
    {
        var exec = Open();
        await exec.ReadHeadAsync(cancellationToken);
        using var spool = new LineSpool();
        var console = await exec.ReadConsoleAsync(cancellationToken);
        await foreach (var line in console.NewestFirst.WithCancellation(cancellationToken))
            await spool.AddAsync(line, cancellationToken);
        await text.FlushAsync(cancellationToken);
        var buffered = new BufferedStream(output, PieceSize);
        await foreach (var line in spool.OldestFirstAsync().WithCancellation(cancellationToken))
        {
            var seconds = (line.DeltaNanoseconds / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
            await buffered.WriteAsync(Encoding.ASCII.GetBytes($"{seconds, 10}  "), cancellationToken);
            await buffered.WriteAsync(line.Text.Memory, cancellationToken);
            buffered.WriteByte((byte)'\n');
        }
        await buffered.FlushAsync(cancellationToken);
    }

    public async Task PrintJsonAsync(CancellationToken cancellationToken)
    {
        await text.FlushAsync(cancellationToken);
        await using (var json = new Utf8JsonWriter(output))
            await StreamedJson.WriteExecAsync(json, Open(), cancellationToken);
        output.WriteByte((byte)'\n');
    }

    /// <summary>The same build in the one form that is written. Its lengths stand in front, so what follows the console is read first.</summary>
    public async Task ReencodeAsync(Stream destination, CancellationToken cancellationToken)
    {
        var first = Open();
        await first.ReadHeadAsync(cancellationToken);
        await SkipConsoleAsync(first, cancellationToken);
        var tail = await first.ReadTailAsync(cancellationToken);
        var artifactsLength = (await first.ReadArtifactsAsync(cancellationToken)).ContentLength;

        var second = Open();
        var head = await second.ReadHeadAsync(cancellationToken);
        var console = await second.ReadConsoleAsync(cancellationToken);
        await ExecWriter.WriteAsync(
            destination,
            head,
            console,
            tail,
            new ArtifactSource(artifactsLength, ArtifactsOf(second, cancellationToken)),
            cancellationToken
        );
    }

    /// <summary>Writes the artifacts below <paramref name="directory"/>, each at its path.</summary>
    public async Task ExtractAsync(string directory, CancellationToken cancellationToken)
    {
        var exec = new ExecReader(file.FromStart(), ExecLimits.Default);
        await exec.ReadHeadAsync(cancellationToken);
        await SkipConsoleAsync(exec, cancellationToken);
        await exec.ReadTailAsync(cancellationToken);
        using var confined = new ConfinedDirectory(directory);
        var artifacts = await exec.ReadArtifactsAsync(cancellationToken);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellationToken))
        {
            await using var destination = confined.Create(artifact.Path);
            await artifact.Content.CopyToAsync(destination, PieceSize, cancellationToken);
        }
    }

    private static async IAsyncEnumerable<ArtifactContent> ArtifactsOf(
        ExecReader exec,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await exec.ReadTailAsync(cancellationToken);
        var artifacts = await exec.ReadArtifactsAsync(cancellationToken);
        await foreach (var artifact in artifacts.Items.WithCancellation(cancellationToken))
            yield return artifact;
    }

    private ExecReader Open() => new(file.FromStart(), AsWritten);

    private static async Task<long> SkipConsoleAsync(ExecReader exec, CancellationToken cancellationToken)
    {
        var lines = 0L;
        var console = await exec.ReadConsoleAsync(cancellationToken);
        await foreach (var line in console.NewestFirst.WithCancellation(cancellationToken))
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

    private static string ForPeople(ExecutionResult result) => VisibleText.Line(result.ToString());
}
