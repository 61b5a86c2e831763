using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Builder.Protocol.Values;
using Builder.Publishing.Packages;

namespace Builder.Publishing.Hooks;

/// <summary>Runs a hook with the arguments that the original's hooks are written for. No shell sees them: names come from outside.</summary>
public sealed class HookRunner(HookSettings settings, string dataDirectory, TimeProvider clock)
{
    /// <summary>After the script itself has ended, how long what it left running may still print.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>The arguments of a hook for this build.</summary>
    public IReadOnlyList<string> Arguments(PublishableBuild build)
    {
        var arguments = new List<string> { $"--build-time={PublishedVersion.BuildTime(build.Started)}" };
        if (build.MainBinary is { } binary)
            arguments.Add($"--sha256={binary.Sha256}");
        arguments.Add($"--job={build.Job}");
        arguments.Add($"--uuid={build.Uuid}");
        arguments.Add($"--platform={build.Platform}");
        arguments.Add($"--cache-dir={Path.Combine(dataDirectory, "_cache")}");
        arguments.Add($"--data-dir={dataDirectory}");
        if (build.MainBinary is null)
            arguments.Add($"--result={Describe(build.Result)}");
        else
            arguments.AddRange([$"--main-binary-filepath={build.MainBinary.Path}", build.MainBinary.StoredPath]);
        return arguments;
    }

    /// <summary>Runs to the end, or to the time limit. Cancelled, it kills the hook and throws: the hook is due again.</summary>
    public async Task<HookResult> RunAsync(string script, PublishableBuild build, CancellationToken cancellationToken)
    {
        if (!HookSettings.IsRunnable(script))
            return new HookResult(null, $"{script} is no executable file any more", []);
        var isText = build.MainBinary?.Path.Bytes.TryGetUtf8(out _) ?? true;
        var start = new ProcessStartInfo(isText ? script : "xargs")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = dataDirectory,
        };
        foreach (var argument in isText ? Arguments(build) : ["-0", "-n", "64", script])
            start.ArgumentList.Add(argument);
        try
        {
            using var process = await StartAsync(start, cancellationToken);
            if (!isText)
                await process.StandardInput.BaseStream.WriteAsync(RawArguments(build), cancellationToken);
            return await WatchAsync(process, cancellationToken);
        }
        catch (Win32Exception exception)
        {
            return new HookResult(null, $"cannot run {script}: {exception.Message}", []);
        }
    }

    /// <summary>A script that is being written at this moment cannot be run; that passes.</summary>
    private async Task<Process> StartAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        const int TextFileBusy = 26;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Process.Start(start)!;
            }
            catch (Win32Exception exception) when (exception.NativeErrorCode == TextFileBusy && attempt < 100)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken);
            }
        }
    }

    /// <summary>
    /// .NET hands over arguments as text. A file name of other bytes goes through xargs, which reads arguments with a NUL after
    /// each; its exit status 123 stands for any of the hook's but 0.
    /// </summary>
    private byte[] RawArguments(PublishableBuild build)
    {
        const string Marker = "--main-binary-filepath=";
        using var bytes = new MemoryStream();
        foreach (var argument in Arguments(build))
        {
            if (argument.StartsWith(Marker, StringComparison.Ordinal))
            {
                bytes.Write(Encoding.UTF8.GetBytes(Marker));
                bytes.Write(build.MainBinary!.Path.Bytes.Span);
            }
            else
            {
                bytes.Write(Encoding.UTF8.GetBytes(argument));
            }
            bytes.WriteByte(0);
        }
        return bytes.ToArray();
    }

    private async Task<HookResult> WatchAsync(Process process, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(settings.TimeLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var stopReading = new CancellationTokenSource();
        var output = new OutputTail();
        var reading = Task.WhenAll(
            DrainAsync(process.StandardOutput.BaseStream, output, stopReading.Token),
            DrainAsync(process.StandardError.BaseStream, output, stopReading.Token)
        );
        try
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync(either.Token);
            stopReading.CancelAfter(Grace);
            await reading;
            return new HookResult(process.ExitCode, Describe(process.ExitCode), output.ToArray());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            stopReading.CancelAfter(Grace);
            await reading;
            cancellationToken.ThrowIfCancellationRequested();
            return new HookResult(null, $"killed: it took longer than {settings.TimeLimit.TotalMinutes:0.##} minutes", output.ToArray());
        }
    }

    private static async Task DrainAsync(Stream stream, OutputTail output, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        try
        {
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0; )
                output.Add(buffer.AsSpan(0, count));
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // What it left running in the background holds its output open; nobody waits for that.
        }
    }

    private static string Describe(int exitCode) =>
        exitCode switch
        {
            0 => "ended well",
            > 128 => $"ended by signal {exitCode - 128}, or with status {exitCode}",
            _ => $"ended with status {exitCode}",
        };

    private static string Describe(ExecutionResult result) =>
        result switch
        {
            ExecutionResult.Exited exited => $"exited {exited.Status}",
            ExecutionResult.Signalled signalled => $"signalled {signalled.Signal}",
            ExecutionResult.Stopped stopped => $"stopped {stopped.Signal}",
            ExecutionResult.Message message => message.Text.ToString().Replace('\0', '\uFFFD'),
            _ => throw new UnreachableException(),
        };
}
