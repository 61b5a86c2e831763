using System.Diagnostics;
using System.Reflection;
using Builder.Cli.Logging;
using Microsoft.Extensions.Logging;

namespace Builder.Cli.Up;

/// <summary>
/// The signer of <c>builder up</c>: a process of its own, so that the keys are in no memory that the site or a job can reach. One that ends is started again;
/// it ends when the pipe to it closes, however this process dies.
/// </summary>
internal sealed class LocalSigner(UpDirectory directory, string site, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan PauseBeforeRestart = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var signer = Process.Start(StartInfo())!;
            var pumps = Task.WhenAll(ForwardAsync(signer.StandardOutput), ForwardAsync(signer.StandardError));
            try
            {
                await signer.WaitForExitAsync(stop);
                await pumps;
                logger.SignerEnded(signer.ExitCode);
                await Task.Delay(PauseBeforeRestart, clock, stop);
            }
            catch (OperationCanceledException)
            {
                signer.StandardInput.Close();
                await signer.WaitForExitAsync(CancellationToken.None);
                await pumps;
            }
        }
    }

    private async Task ForwardAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            var (level, message) = LogLine.FromJournal(line);
            logger.SignerSays(level, message);
        }
    }

    private ProcessStartInfo StartInfo()
    {
        // Under "dotnet run" and "dotnet builder.dll" the process is the framework's host, which wants the assembly first.
        var executable = Environment.ProcessPath!;
        var start = new ProcessStartInfo(executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["JOURNAL_STREAM"] = "signer" },
        };
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, Assembly.GetEntryAssembly()!.GetName().Name + ".dll"));
        string[] arguments =
        [
            "signer",
            "--state",
            directory.Signer,
            "--socket",
            directory.Sockets.Signer,
            "--datadir",
            directory.Web,
            "--public-url",
            site,
            "--server-key",
            Path.Combine(directory.Server, "_record-key.pub"),
            "--log-dir",
            Path.Combine(directory.Web, "_tlog"),
            "--until-stdin-closes",
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }
}
