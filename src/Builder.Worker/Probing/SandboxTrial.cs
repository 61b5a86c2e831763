using System.Text;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Worker.Execution;
using Builder.Worker.Processes;

namespace Builder.Worker.Probing;

/// <summary>Runs a job that does nothing, before the first real one: a sandbox that cannot be had here is said now, not by each job.</summary>
internal static class SandboxTrial
{
    private static readonly ScriptJob Nothing = new(
        ByteString.FromUtf8("nothing"),
        ScriptJob.NoPlatform,
        ByteString.FromUtf8(": > written; : > /dev/null; : < /proc/self/status\n")
    );

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    /// <returns>Why it cannot be set up, with the sandbox's own message; null where it works.</returns>
    public static async Task<string?> FailureAsync(JobRunner runner, CancellationToken cancellationToken)
    {
        var said = new Words();
        using var outcome = await runner.RunAsync(Nothing, said, TimeLimit, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (outcome.Result == new ExecutionResult.Exited(0))
            return null;
        var reason = outcome.Result is ExecutionResult.Message(var text) ? text.ToString() : "a job that does nothing failed in it";
        return $"{reason}{said}";
    }

    private sealed class Words : IConsoleSink
    {
        private readonly StringBuilder text = new();

        public void Write(ReadOnlySpan<byte> line) => text.Append(": ").Append(Encoding.UTF8.GetString(line));

        public void Flush() { }

        public override string ToString() => text.ToString();
    }
}
