using Builder.Protocol.Values;

namespace Builder.Worker.Processes;

/// <summary>How the kernel says that a process ended: an exit status of 137 is one thing, death by KILL another.</summary>
internal static class WaitStatus
{
    // OCaml numbers the signals it knows by themselves, downwards from -1; this is the order (Linux numbers).
    private static readonly int[] OcamlOrder =
    [
        6,
        14,
        8,
        1,
        4,
        2,
        9,
        13,
        3,
        11,
        15,
        10,
        12,
        17,
        18,
        19,
        20,
        21,
        22,
        26,
        27,
        7,
        29,
        31,
        5,
        23,
        24,
        25,
    ];

    public static ExecutionResult ToResult(int status)
    {
        var signal = status & 0x7f;
        return signal == 0 ? new ExecutionResult.Exited((status >> 8) & 0xff) : new ExecutionResult.Signalled(ToOcaml(signal));
    }

    /// <summary>What a shell says of a child: a signal is an exit status of 128 and its number.</summary>
    public static ExecutionResult AsShells(ExecutionResult result) =>
        result switch
        {
            ExecutionResult.Signalled(var signal and < 0) when -1 - signal < OcamlOrder.Length => new ExecutionResult.Exited(
                128 + OcamlOrder[-1 - signal]
            ),
            ExecutionResult.Signalled(var signal and > 0) => new ExecutionResult.Exited(128 + signal),
            _ => result,
        };

    /// <summary>The number on the wire: OCaml's where it has one, else the system's.</summary>
    public static long ToOcaml(int signal)
    {
        var index = Array.IndexOf(OcamlOrder, signal);
        return index < 0 ? signal : -1 - index;
    }
}
