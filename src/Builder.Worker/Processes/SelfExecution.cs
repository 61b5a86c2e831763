namespace Builder.Worker.Processes;

/// <summary>How this very program is started again, be it native, an application host, or an assembly under <c>dotnet</c>.</summary>
public static class SelfExecution
{
    /// <summary>The hidden verb under which the executable starts itself as the supervisor of jobs.</summary>
    public const string SupervisorVerb = "worker-supervisor";

    public static IReadOnlyList<string> Command(params ReadOnlySpan<string> arguments)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known");
        return Path.GetFileName(program) == "dotnet"
            ? [program, Path.GetFullPath(Environment.GetCommandLineArgs()[0]), .. arguments]
            : [program, .. arguments];
    }
}
