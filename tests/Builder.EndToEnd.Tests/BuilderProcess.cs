using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Threading.Channels;

namespace Builder.EndToEnd.Tests;

/// <summary>
/// A real <c>builder</c> process. Its lines can be awaited, it can be asked to end or killed, and it never outlives the test.
/// <c>BUILDER_EXECUTABLE</c> in the environment names another executable, such as the published native one.
/// </summary>
internal sealed class BuilderProcess : IAsyncDisposable
{
    /// <summary>How long a test waits for something that must happen before it fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process process;
    private readonly ConcurrentQueue<string> transcript = new();
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly Task pumps;

    private BuilderProcess(Process process)
    {
        this.process = process;
        pumps = Task.WhenAll(PumpAsync(process.StandardOutput), PumpAsync(process.StandardError));
        _ = pumps.ContinueWith(_ => lines.Writer.TryComplete(), TaskScheduler.Default);
    }

    public static string Executable { get; } =
        Environment.GetEnvironmentVariable("BUILDER_EXECUTABLE") is { Length: > 0 } named ? named : Metadata("BuilderExecutable");

    public static string ScreenshotDirectory { get; } = Metadata("ScreenshotDirectory");

    /// <summary>Where the sources are, with what is packaged from them.</summary>
    public static string Repository { get; } = Metadata("Repository");

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>What it has printed so far on both outputs.</summary>
    public string Transcript => string.Join('\n', transcript);

    public static BuilderProcess Start(params IEnumerable<string> arguments) => Start(arguments, environment: []);

    public static BuilderProcess Start(IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment) =>
        Start([Executable], arguments, environment);

    /// <param name="command">Becomes the executable, such as a program that gives up privileges first.</param>
    public static BuilderProcess Start(
        IReadOnlyList<string> command,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string>> environment
    )
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.Skip(1).Concat(arguments))
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new BuilderProcess(Process.Start(start)!);
    }

    /// <summary>Runs to its end; standard input is <paramref name="input"/>.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        await using var builder = Start(arguments);
        await builder.process.StandardInput.WriteAsync(input);
        builder.process.StandardInput.Close();
        var exitCode = await builder.ExitAsync();
        return (exitCode, builder.Transcript);
    }

    /// <summary>The next line that <paramref name="wanted"/> takes; fails with all that was printed when it does not come.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(patience.Token))
            {
                if (wanted(line))
                    return line;
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the line did not come within {Patience}; so far:\n{Transcript}");
        }
        Assert.Fail($"the process ended without that line; it printed:\n{Transcript}");
        return "";
    }

    /// <summary>SIGKILL: nothing is flushed, nothing is told.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGTERM, as a service manager does it, and the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        return await ExitAsync();
    }

    /// <summary>SIGINT, as Ctrl-C does it, and the exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        await SignalAsync("INT");
        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            await pumps;
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the process did not end within {Patience}; it printed:\n{Transcript}");
        }
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill") { ArgumentList = { $"-{name}", $"{process.Id}" } })!;
        await kill.WaitForExitAsync();
    }

    private async Task PumpAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            transcript.Enqueue(line);
            lines.Writer.TryWrite(line);
        }
    }

    private static string Metadata(string key) =>
        typeof(BuilderProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
