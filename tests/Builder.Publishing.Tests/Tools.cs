using System.Diagnostics;
using Builder.Testing;

namespace Builder.Publishing.Tests;

/// <summary>Real programs of the system, run to their end.</summary>
internal static class Tools
{
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? directory = null,
        IEnumerable<KeyValuePair<string, string>>? environment = null
    )
    {
        Requirement.Programs(program);
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Fails the test with what the program printed when it does not end with 0.</summary>
    public static async Task<string> SucceedAsync(string program, IEnumerable<string> arguments, string? directory = null)
    {
        var (exitCode, output) = await RunAsync(program, arguments, directory);
        Assert.True(exitCode == 0, $"{program} ended with {exitCode}:\n{output}");
        return output;
    }
}
