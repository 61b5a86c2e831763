namespace Builder.Protocol.Values;

/// <summary>How an execution ended. Numbers are as the peer sent them: OCaml workers send OCaml's own signal numbers.</summary>
public abstract record ExecutionResult
{
    private ExecutionResult() { }

    /// <summary>For people: signals by their names.</summary>
    public sealed override string ToString() =>
        this switch
        {
            Exited(var status) => $"exited {status}",
            Signalled(var signal) => $"killed by {SignalNumber.NameOf(signal)}",
            Stopped(var signal) => $"stopped by {SignalNumber.NameOf(signal)}",
            Message(var text) => $"aborted: {text}",
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
