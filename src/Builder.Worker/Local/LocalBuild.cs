using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Worker.Execution;
using Builder.Worker.Files;
using Builder.Worker.Isolation;
using Builder.Worker.Probing;
using Builder.Worker.Processes;
using Builder.Worker.Variation;

namespace Builder.Worker.Local;

/// <summary>Runs one script as a worker does, with the same sandbox, environment and limits, but without a server.</summary>
public static class LocalBuild
{
    private static readonly ByteString Name = ByteString.FromUtf8("local");

    /// <param name="console">Gets what the script prints, a line at a time with its newline.</param>
    /// <param name="save">Takes an artifact: its path and its content, which can be read once.</param>
    /// <exception cref="IOException">The isolation cannot be had, or there is no room; the message says what to do.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing of the job is left.</exception>
    public static async Task<LocalBuildResult> RunAsync(
        LocalBuildOptions options,
        Stream console,
        Func<ArtifactPath, Stream, CancellationToken, Task> save,
        CancellationToken cancellationToken
    )
    {
        JobDirectory.CheckRoom(options.WorkDirectory);
        await using var outbound = await OutboundNetwork.StartAsync(options.Isolation, options.SupervisorCommand, cancellationToken);
        await using var supervisor = SupervisorClient.Start(options.SupervisorCommand);
        var isolation = await IsolationSearch.FindAsync(
            options.Isolation with
            {
                Hidden = [.. options.Isolation.Hidden, options.WorkDirectory],
            },
            tried => Runner(supervisor, tried, options with { Recorded = new Dictionary<string, ByteString>() }),
            outbound,
            cancellationToken
        );
        var tools =
            options.Vary == Variations.None
                ? new VariationTools()
                : await VariationSearch.FindAsync(
                    isolation,
                    tried =>
                        Runner(
                            supervisor,
                            isolation,
                            options with
                            {
                                Recorded = new Dictionary<string, ByteString>(),
                                Vary = Variations.FileOrder,
                            },
                            tried
                        ),
                    cancellationToken
                );
        var started = options.Clock.GetUtcNow();
        using var outcome = await Runner(supervisor, isolation, options, tools)
            .RunAsync(
                new ScriptJob(Name, ScriptJob.NoPlatform, options.Script),
                new ConsoleStream(console),
                options.TimeLimit,
                cancellationToken
            );
        cancellationToken.ThrowIfCancellationRequested();
        var finished = options.Clock.GetUtcNow();
        var files = outcome.Files.OrderBy(static file => file.Path).ToList();
        foreach (var file in files)
        {
            await using var content = file.Open();
            await save(file.Path, content, cancellationToken);
        }
        return new LocalBuildResult(outcome.Result, isolation.Tier, [.. files.Select(static file => file.Path)], started, finished)
        {
            Variations = outcome.Variations,
        };
    }

    private static JobRunner Runner(
        SupervisorClient supervisor,
        JobIsolation isolation,
        LocalBuildOptions options,
        VariationTools? tools = null
    ) =>
        new(
            supervisor,
            new JobRunnerOptions
            {
                WorkDirectory = options.WorkDirectory,
                Isolation = isolation,
                Environment = JobEnvironment.From(Environment.GetEnvironmentVariables(), options.Environment),
                Recorded = options.Recorded,
                Vary = tools is null ? Variations.None : options.Vary,
                Tools = tools ?? new VariationTools(),
                Limits = options.Limits,
                Grace = options.Grace,
            },
            options.Clock
        );

    private sealed class ConsoleStream(Stream stream) : IConsoleSink
    {
        public void Write(ReadOnlySpan<byte> line)
        {
            stream.Write(line);
            stream.WriteByte((byte)'\n');
        }

        public void Flush() => stream.Flush();
    }
}
