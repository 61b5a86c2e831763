using System.Text;
using Builder.Protocol;
using Builder.Worker.Execution;

namespace Builder.Worker.Isolation;

/// <summary>Runs a job that does nothing, before the first real one: a sandbox that cannot be had here is said now, not by each job.</summary>
internal static class SandboxTrial
{
    private static readonly ScriptJob Nothing = new(ByteString.FromUtf8("nothing"), ScriptJob.NoPlatform, ByteString.FromUtf8("true\n"));

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <exception cref="IOException">It cannot be set up; the message says what the sandbox had to say.</exception>
    public static async Task RunAsync(JobRunner runner, CancellationToken cancellation)
    {
        var said = new Words();
        using var outcome = await runner.RunAsync(Nothing, said, Patience, cancellation);
        cancellation.ThrowIfCancellationRequested();
        if (outcome.Result == new ExecutionResult.Exited(0))
            return;
        var reason = outcome.Result is ExecutionResult.Message(var text) ? text.ToString() : "a job that does nothing failed in it";
        throw new IOException(
            $"--sandbox bubblewrap: {reason}{said}; mend that (it needs user namespaces, or root), or choose --sandbox none");
    }

    private sealed class Words : IConsoleSink
    {
        private readonly StringBuilder text = new();

        public void Write(ReadOnlySpan<byte> line) => text.Append(": ").Append(Encoding.UTF8.GetString(line));

        public void Flush()
        {
        }

        public override string ToString() => text.ToString();
    }
}
