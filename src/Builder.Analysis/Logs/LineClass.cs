namespace Builder.Analysis.Logs;

/// <param name="Tool">Null where the kind is no error.</param>
internal readonly record struct LineClass(LineKind Kind, string? Tool = null)
{
    public bool IsError => Kind >= LineKind.Consequence;

    /// <summary>A test that failed: several of them are one failure.</summary>
    public bool IsTest { get; init; }

    /// <summary>Other jobs of the same tool still run: what they print does not separate the error from the end.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>The tool ended with an error: a caller that goes on survived it.</summary>
    public bool IsEnd { get; init; }

    /// <summary>The tool went on as long as it could and failed for all errors it has said.</summary>
    public bool IsKeptGoing { get; init; }

    /// <summary>The error before it was survived.</summary>
    public bool IsSurvival { get; init; }

    /// <summary>The details are in the lines below it.</summary>
    public bool HasDetails { get; init; }

    public static LineClass Progress => new(LineKind.Progress);

    public static LineClass Neutral => new(LineKind.Neutral);

    public static LineClass Consequence(string tool) => new(LineKind.Consequence, tool);

    public static LineClass Complaint(string tool) => new(LineKind.Complaint, tool);

    public static LineClass Diagnostic(string tool) => new(LineKind.Diagnostic, tool);
}
