using System.CommandLine;
using System.Text;
using Builder.Cli.Connecting;
using Builder.Cli.Errors;
using Builder.Cli.Originals;
using Builder.Cli.Text;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using Wire = Builder.Protocol.Messages.Command;

namespace Builder.Cli.Client;

/// <summary><c>observe UUID</c> and <c>observe-latest</c>: the console of a running build, until it ends.</summary>
internal static class ObserveCommand
{
    /// <summary>The build ended, and not with status 0.</summary>
    private const int BuildFailed = 4;

    /// <param name="asOriginal">The time before each line, and success whatever became of the build.</param>
    public static System.CommandLine.Command Create(bool asOriginal)
    {
        var uuid = ClientOptions.Uuid();
        var times = Times();
        var command = new System.CommandLine.Command("observe", "Show the console of a running build until it ends.") { uuid, times };
        command.SetAction(
            (parsed, cancellationToken) =>
                ShowAsync(
                    ClientOptions.LinkOf(parsed),
                    parsed.GetValue(uuid),
                    asOriginal || parsed.GetValue(times),
                    asOriginal,
                    cancellationToken
                )
        );
        return command;
    }

    /// <inheritdoc cref="Create"/>
    public static System.CommandLine.Command CreateLatest(bool asOriginal)
    {
        var times = Times();
        var platform = ClientOptions.PlatformOption("Only builds for this platform.");
        var job = new Option<string>("--job", "-j") { Description = "Only builds of this job." };
        var command = new System.CommandLine.Command("observe-latest", "Show the console of the build that was started last.")
        {
            platform,
            job,
            times,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var link = ClientOptions.LinkOf(parsed);
                var wantedPlatform = parsed.GetValue(platform);
                ByteString? wantedJob = parsed.GetValue(job) is { } name ? ByteString.FromUtf8(name) : null;
                var info = await InfoCommand.AskAsync(link, cancellationToken);
                var latest = info
                    .Running.Where(running =>
                        (wantedPlatform is null || running.Job.Platform == wantedPlatform)
                        && (wantedJob is null || running.Job.Name == wantedJob)
                    )
                    .MaxBy(running => running.Started);
                if (latest is null)
                    throw new CommandException("no such build is running");
                if (asOriginal)
                    await Console.Out.WriteLineAsync(
                        $"Observing {VisibleText.Line(latest.Job.Name)} on {VisibleText.Line(latest.Job.Platform)} ({latest.Uuid})"
                    );
                else
                    await Console.Error.WriteLineAsync(
                        $"build {latest.Uuid} of {VisibleText.Line(latest.Job.Name)} on {VisibleText.Line(latest.Job.Platform)}"
                    );
                return await ShowAsync(link, latest.Uuid, asOriginal || parsed.GetValue(times), asOriginal, cancellationToken);
            }
        );
        return command;
    }

    private static Option<bool> Times() => new("--times") { Description = "Show in front of each line the time since the build's start." };

    private static async Task<int> ShowAsync(
        ServerLink link,
        BuildUuid uuid,
        bool withTimes,
        bool asOriginal,
        CancellationToken cancellationToken
    )
    {
        using var server = await ServerConnection.OpenAsync(link, isExtended: false, cancellationToken);
        await using var output = new BufferedStream(StandardOutput.Open(keepsColours: true), 64 * 1024);
        var last = ByteString.Empty;
        await server.AskAsync(
            new Wire.Observe(uuid),
            async answer =>
            {
                if (answer is not Wire.OutputTimestamped(_, var line, var time))
                    throw new CommandException($"the server answered {answer.GetType().Name}, which was not asked for");
                if (withTimes)
                    output.Write(Encoding.UTF8.GetBytes($"{OriginalDuration.Text(time)} "));
                output.Write(line.Span);
                output.WriteByte((byte)'\n');
                last = line;
                await output.FlushAsync(cancellationToken);
            },
            cancellationToken
        );
        if (!asOriginal)
        {
            foreach (var over in await KnownBudget.AskAsync(link, uuid, cancellationToken))
                await Console.Error.WriteLineAsync($"over budget: {over}");
        }
        // The last line is the result as the server prints it.
        return asOriginal || last.Span.SequenceEqual("exited 0"u8) ? ExitCode.Success : BuildFailed;
    }
}
