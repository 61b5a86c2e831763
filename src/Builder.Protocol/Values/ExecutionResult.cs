namespace Builder.Protocol.Values;

/// <summary>How an execution ended. Numbers are as the peer sent them: OCaml workers send OCaml's own signal numbers.</summary>
public abstract record ExecutionResult
{
    private ExecutionResult() { }

    /// <summary>For people, on all pages, terminals and logs: <c>succeeded</c>, <c>failed (exit code 1)</c>, <c>killed by signal 9 (SIGKILL)</c>.</summary>
    public sealed override string ToString() =>
        this switch
        {
            Exited(0) => "succeeded",
            Exited(var status) => $"failed (exit code {status})",
            Signalled(var signal) => $"killed by {SignalNumber.TextOf(signal)}",
            Stopped(var signal) => $"stopped by {SignalNumber.TextOf(signal)}",
            Message(var text) => text.ToString(),
            _ => throw new InvalidOperationException($"unknown result {GetType().Name}"),
        };

    /// <summary>The script ended with this exit status.</summary>
    public sealed record Exited(long Status) : ExecutionResult;

    /// <summary>A signal killed the script.</summary>
    public sealed record Signalled(long Signal) : ExecutionResult;

    /// <summary>A signal stopped the script.</summary>
    public sealed record Stopped(long Signal) : ExecutionResult;

    /// <summary>The execution was aborted, for example with <c>timeout</c>.</summary>
    public sealed record Message(ByteString Text) : ExecutionResult;
}
