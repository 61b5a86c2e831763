using System.ComponentModel;
using System.Diagnostics;
using Builder.Cli.Errors;

namespace Builder.Cli.Programs;

/// <summary>Runs other programs. Cancelled, a program is killed with all that it started.</summary>
internal static class ProgramRun
{
    private const int MaxOutput = 64 << 20;
    private const int MaxComplaint = 4000;

    /// <summary>The path of a program in PATH; null where it is not installed.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs it with this process' outputs and empty input.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="CommandException">It cannot be started.</exception>
    public static async Task<int> RunAsync(ProgramStart start, CancellationToken cancellationToken)
    {
        using var process = Start(start, isCaptured: false);
        try
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>Runs it and takes what it prints, 64 MiB at most.</summary>
    /// <exception cref="CommandException">It cannot be started, or failed; the message has what it said.</exception>
    public static async Task<byte[]> CaptureAsync(ProgramStart start, CancellationToken cancellationToken)
    {
        using var process = Start(start, isCaptured: true);
        try
        {
            process.StandardInput.Close();
            var complaints = ReadAsync(process.StandardError.BaseStream, start.Program, cancellationToken);
            var output = await ReadAsync(process.StandardOutput.BaseStream, start.Program, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode == 0)
                return output;
            var said = System.Text.Encoding.UTF8.GetString(await complaints).Trim();
            throw new CommandException(
                $"{Shown(start)} failed (exit code {process.ExitCode}): {(said.Length > MaxComplaint ? said[..MaxComplaint] : said)}"
            );
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>For messages.</summary>
    public static string Shown(ProgramStart start) => string.Join(' ', start.Arguments.Prepend(Path.GetFileName(start.Program)));

    private static Process Start(ProgramStart start, bool isCaptured)
    {
        var info = new ProcessStartInfo(start.Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = isCaptured,
            RedirectStandardError = isCaptured,
            WorkingDirectory = start.Directory ?? "",
        };
        foreach (var argument in start.Arguments)
            info.ArgumentList.Add(argument);
        if (start.Environment is { } environment)
        {
            info.Environment.Clear();
            foreach (var (name, value) in environment)
                info.Environment[name] = value;
        }
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception exception)
        {
            throw new CommandException($"cannot run {Shown(start)}: {exception.Message}");
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, string program, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (bytes.Length + count > MaxOutput)
                throw new CommandException($"{program} printed more than {MaxOutput} bytes");
            bytes.Write(buffer, 0, count);
        }
        return bytes.ToArray();
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
    }
}
