using Builder.Protocol.Values;

namespace Builder.Worker.Processes;

/// <summary>How the kernel says that a process ended: an exit status of 137 is one thing, death by KILL another.</summary>
internal static class WaitStatus
{
    public static ExecutionResult ToResult(int status)
    {
        var signal = status & 0x7f;
        return signal == 0
            ? new ExecutionResult.Exited((status >> 8) & 0xff)
            : new ExecutionResult.Signalled(SignalNumber.OnTheWire(signal));
    }

    /// <summary>What a shell says of a child: a signal is an exit status of 128 and its number.</summary>
    public static ExecutionResult AsShells(ExecutionResult result) =>
        result is ExecutionResult.Signalled(var signal) && SignalNumber.ToLinux(signal) is > 0 and var linux
            ? new ExecutionResult.Exited(128 + linux)
            : result;
}
