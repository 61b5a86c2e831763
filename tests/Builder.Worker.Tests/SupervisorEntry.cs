using System.Runtime.CompilerServices;
using Builder.Worker.Execution;
using Builder.Worker.Processes;

namespace Builder.Worker.Tests;

/// <summary>Lets the test program be started as the supervisor of its own jobs, as the real executable does with a hidden verb.</summary>
internal static class SupervisorEntry
{
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The test framework owns the entry point.")]
    public static void RunAsSupervisor()
    {
        if (Environment.GetCommandLineArgs().LastOrDefault() == SelfExecution.SupervisorVerb)
            Environment.Exit(Supervisor.Run());
    }
}
