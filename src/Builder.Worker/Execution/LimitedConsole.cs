using Builder.Worker.Processes;

namespace Builder.Worker.Execution;

/// <summary>Hands lines on until the job has printed as much as it may; what comes after that is dropped.</summary>
internal sealed class LimitedConsole(IConsoleSink inner, long? maxBytes) : IConsoleSink
{
    private readonly TaskCompletionSource exceeded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long left = maxBytes ?? long.MaxValue;

    /// <summary>Ends where the job printed more than it may.</summary>
    public Task Exceeded => exceeded.Task;

    public void Write(ReadOnlySpan<byte> line)
    {
        if (exceeded.Task.IsCompleted)
            return;
        left -= line.Length + 1;
        if (left < 0)
            exceeded.TrySetResult();
        else
            inner.Write(line);
    }

    public void Flush() => inner.Flush();
}
