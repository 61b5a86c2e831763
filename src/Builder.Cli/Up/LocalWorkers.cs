using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Builder.Cli.Logging;
using Builder.Protocol.Values;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Up;

/// <summary>
/// Workers on this machine: processes of their own, so that a job never runs inside the server's process. One that ends is started again
/// after a pause. They hold the reading end of a pipe and end when it closes: no worker outlives this process, however it dies.
/// </summary>
internal sealed partial class LocalWorkers(
    Platform platform,
    int count,
    UpDirectory directory,
    UpProtection protection,
    string key,
    Uri? collector,
    TimeProvider clock,
    ILogger logger
)
{
    private const int SigTerm = 15;

    /// <summary>What a worker's lines begin with, which ours say as well.</summary>
    private const string OwnCategory = "worker: ";

    private static readonly TimeSpan PauseBeforeRestart = TimeSpan.FromSeconds(2);

    /// <summary>How long a worker may take to end its job before it is killed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <summary>Runs the workers until <paramref name="cancellationToken"/>; all have ended when it returns.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(1, count).Select(number => KeepOneAsync(number, cancellationToken)));

    private async Task KeepOneAsync(int number, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var worker = Process.Start(StartInfo($"local-{number}"))!;
            await GiveKeyAsync(worker);
            var pumps = Task.WhenAll(ForwardAsync(worker.StandardOutput, number), ForwardAsync(worker.StandardError, number));
            try
            {
                await worker.WaitForExitAsync(cancellationToken);
                await pumps;
                logger.WorkerEnded(number, worker.ExitCode);
                await Task.Delay(PauseBeforeRestart, clock, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                await EndAsync(worker);
                await pumps;
            }
        }
    }

    /// <summary>Through the pipe that also tells the worker of our end: no file or argument list shows it to a job.</summary>
    private async Task GiveKeyAsync(Process worker)
    {
        try
        {
            await worker.StandardInput.WriteLineAsync(key);
            await worker.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended already, and says why.
        }
    }

    private async Task EndAsync(Process worker)
    {
        if (worker.HasExited)
            return;
        _ = Kill(worker.Id, SigTerm);
        using var grace = new CancellationTokenSource(Grace, clock);
        try
        {
            await worker.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            worker.Kill(entireProcessTree: true);
            await worker.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task ForwardAsync(StreamReader reader, int number)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            var (level, message) = LogLine.FromJournal(line);
            logger.WorkerSays(
                level,
                number,
                message.StartsWith(OwnCategory, StringComparison.Ordinal) ? message[OwnCategory.Length..] : message
            );
        }
    }

    private ProcessStartInfo StartInfo(string name)
    {
        // Under "dotnet run" and "dotnet builder.dll" the process is the framework's host, which wants the assembly first.
        var executable = Environment.ProcessPath!;
        var start = new ProcessStartInfo(executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A level at the start of each line, and no time: this program's log has its own.
            Environment = { ["JOURNAL_STREAM"] = name },
        };
        // An option's value could be read by others on this machine.
        if (collector is not null)
        {
            start.Environment.Remove("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
            start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.OriginalString;
        }
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, Assembly.GetEntryAssembly()!.GetName().Name + ".dll"));
        string[] arguments =
        [
            "worker",
            platform.Value,
            "--loop",
            "--until-stdin-closes",
            "--key-from-stdin",
            "--name",
            name,
            "-r",
            $"unix:{directory.Sockets.Worker}",
            .. protection.WorkerArguments(directory.Root),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
