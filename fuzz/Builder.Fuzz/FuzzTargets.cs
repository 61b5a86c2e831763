using Builder.Fuzz.Targets;

namespace Builder.Fuzz;

/// <summary>All there is to fuzz: a file each in Targets/, a line each here.</summary>
public static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        CommandTarget.Create(),
        DifferenceTarget.Create(),
        DrawingTarget.Create(),
        ElfTarget.Create(),
        ExecTarget.Create(),
        FramesTarget.Create(),
        GoTableTarget.Create(),
        LogTarget.Create(),
        OpamTarget.Create(),
        ProofTarget.Create(),
        StateTarget.Create(),
        TerminalTarget.Create(),
    ];
}
