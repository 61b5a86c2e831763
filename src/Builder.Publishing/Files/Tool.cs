using System.ComponentModel;
using System.Diagnostics;

namespace Builder.Publishing.Files;

/// <summary>Runs the few programs of the system that stand for formats .NET lacks: xz and gpg. Never through a shell.</summary>
internal static class Tool
{
    /// <exception cref="RepositoryException">The program is not installed.</exception>
    public static Process Start(string program, IEnumerable<string> arguments, string? home)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["LC_ALL"] = "C";
        start.Environment.Remove("XZ_OPT");
        start.Environment.Remove("XZ_DEFAULTS");
        if (home is not null)
            start.Environment["GNUPGHOME"] = home;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new RepositoryException($"cannot run \"{program}\": {exception.Message}. Install it.", exception);
        }
    }

    /// <summary>Runs to the end with <paramref name="input"/>; its output must be small.</summary>
    /// <exception cref="RepositoryException">It failed; the message holds what it printed on standard error.</exception>
    public static async Task<byte[]> RunAsync(
        string program,
        IEnumerable<string> arguments,
        ReadOnlyMemory<byte> input,
        string? home,
        CancellationToken cancellationToken
    )
    {
        using var process = Start(program, arguments, home);
        try
        {
            var output = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
            var complaints = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended before it had read all; its exit status decides.
            }
            await reading;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
                throw new RepositoryException($"{program} ended with status {process.ExitCode}: {(await complaints).Trim()}");
            return output.ToArray();
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Runs to the end with empty input, its output going to <paramref name="destination"/>.</summary>
    /// <exception cref="RepositoryException">It failed; the message holds what it printed on standard error.</exception>
    public static async Task CopyThroughAsync(
        string program,
        IEnumerable<string> arguments,
        Stream destination,
        CancellationToken cancellationToken
    )
    {
        using var process = Start(program, arguments, home: null);
        try
        {
            process.StandardInput.Close();
            var complaints = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardOutput.BaseStream.CopyToAsync(destination, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
                throw new RepositoryException($"{program} ended with status {process.ExitCode}: {(await complaints).Trim()}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
