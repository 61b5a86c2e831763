namespace Builder.Protocol.Values;

/// <summary>
/// Numbers of signals as workers send them: OCaml's own, which are negative, for those that it has a name for, the system's
/// for others. They are kept as they came; people are shown the name.
/// </summary>
public static class SignalNumber
{
    /// <summary>OCaml's numbering is -1, -2, … in this order.</summary>
    private static readonly (string Name, int OnLinux)[] InOrderOfOCaml =
    [
        ("SIGABRT", 6),
        ("SIGALRM", 14),
        ("SIGFPE", 8),
        ("SIGHUP", 1),
        ("SIGILL", 4),
        ("SIGINT", 2),
        ("SIGKILL", 9),
        ("SIGPIPE", 13),
        ("SIGQUIT", 3),
        ("SIGSEGV", 11),
        ("SIGTERM", 15),
        ("SIGUSR1", 10),
        ("SIGUSR2", 12),
        ("SIGCHLD", 17),
        ("SIGCONT", 18),
        ("SIGSTOP", 19),
        ("SIGTSTP", 20),
        ("SIGTTIN", 21),
        ("SIGTTOU", 22),
        ("SIGVTALRM", 26),
        ("SIGPROF", 27),
        ("SIGBUS", 7),
        ("SIGPOLL", 29),
        ("SIGSYS", 31),
        ("SIGTRAP", 5),
        ("SIGURG", 23),
        ("SIGXCPU", 24),
        ("SIGXFSZ", 25),
    ];

    /// <summary>Such as <c>signal 9 (SIGKILL)</c> for -7 and for 9; a number without a name is shown as it is.</summary>
    public static string TextOf(long number)
    {
        var linux = ToLinux(number);
        var index = Array.FindIndex(InOrderOfOCaml, signal => signal.OnLinux == linux);
        return index >= 0 ? $"signal {linux} ({InOrderOfOCaml[index].Name})" : $"signal {number}";
    }

    /// <summary>What our worker sends for a signal of Linux: OCaml's number where it has one.</summary>
    public static long OnTheWire(int linuxSignal)
    {
        var index = Array.FindIndex(InOrderOfOCaml, signal => signal.OnLinux == linuxSignal);
        return index >= 0 ? -1 - index : linuxSignal;
    }

    /// <summary>The number of Linux; a number that is none of OCaml's is returned as it is.</summary>
    public static long ToLinux(long onTheWire) =>
        onTheWire < 0 && onTheWire >= -InOrderOfOCaml.Length ? InOrderOfOCaml[-1 - onTheWire].OnLinux : onTheWire;
}
