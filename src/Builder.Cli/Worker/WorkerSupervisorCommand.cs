using System.CommandLine;
using Builder.Worker.Execution;
using Builder.Worker.Processes;

namespace Builder.Cli.Worker;

/// <summary>Hidden: the worker starts itself anew as this, see docs/decisions/0050-supervisor.md.</summary>
internal static class WorkerSupervisorCommand
{
    public static Command Create()
    {
        var command = new Command(SelfExecution.SupervisorVerb, "Run the jobs of a worker. Started by workers only.") { Hidden = true };
        command.SetAction(_ => Supervisor.Run());
        return command;
    }
}
