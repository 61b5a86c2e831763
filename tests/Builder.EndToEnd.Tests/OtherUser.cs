using System.Diagnostics;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>A user without rights, as which root starts a program.</summary>
internal sealed record OtherUser(int Id)
{
    public static OtherUser Nobody { get; } = new(65534);

    /// <summary>Above those that systems give out, so that no other program of this machine is this user.</summary>
    public static OtherUser Free { get; } = new(64_321);

    /// <summary>Runs the command that comes after it as this user.</summary>
    public IReadOnlyList<string> Command => ["setpriv", $"--reuid={Id}", $"--regid={Id}", "--clear-groups", "--"];

    /// <summary>Skips the test where this user cannot be had, or cannot get at the executable.</summary>
    public async Task EnsureAsync()
    {
        Requirement.Root("become another user");
        Requirement.Programs("setpriv");
        var start = new ProcessStartInfo(Command[0], [.. Command.Skip(1), BuilderProcess.Executable, "worker", "--help"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var help = Process.Start(start)!;
        await Task.WhenAll(
            help.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            help.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)
        );
        await help.WaitForExitAsync(TestContext.Current.CancellationToken);
        Requirement.Met(help.ExitCode == 0, $"user {Id} cannot run {BuilderProcess.Executable}");
    }
}
