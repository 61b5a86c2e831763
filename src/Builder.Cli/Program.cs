using System.CommandLine;
using System.CommandLine.Invocation;
using Builder.Cli;
using Builder.Cli.Client;
using Builder.Cli.Db;
using Builder.Cli.Up;
using Builder.Storage.Database;

var root = new RootCommand(
    """
    The build server that proves what it publishes.

    It schedules jobs, runs them on workers, keeps every artifact by its content, and shows on the web what was built,
    from what, and whether it was reproduced. Start with: builder up --samples
    """);
root.Add(ClientCommand.Create());
root.Add(DbCommand.Create());
root.Add(ElfCommand.Create());
root.Add(HooksCommand.Create());
root.Add(InspectCommand.Create());
root.Add(MigrationsCommand.Create());
root.Add(OpamCommand.Create());
root.Add(RepoCommand.Create());
root.Add(ServerCommand.Create());
root.Add(UpCommand.Create());
root.Add(VizCommand.Create());
root.Add(WebCommand.Create());
root.Add(WorkerCommand.Create());
root.Add(WorkerSupervisorCommand.Create());
root.Add(KeyCommands.CreateAdminKey());
root.Add(KeyCommands.CreateWorkerKey());
CalledNameHelp.AddTo(root);

StandardOutput.GuardConsole();
var invocation = new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    // Ctrl-C and TERM cancel; long-running roles end their work in order and need more than the usual two seconds.
    ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
};
try
{
    var command = root.Parse(CalledName.WithRole(args));
    var exitCode = await command.InvokeAsync(invocation);
    return command.Action is ParseErrorAction ? ExitCode.Usage : exitCode;
}
catch (OperationCanceledException)
{
    return ExitCode.Interrupted;
}
catch (UnreachableException exception)
{
    await Console.Error.WriteLineAsync($"builder: {exception.Message}");
    return ExitCode.Unreachable;
}
catch (System.Data.Common.DbException exception)
{
    await Console.Error.WriteLineAsync($"builder: {DatabaseFault.Explain(exception)}");
    return ExitCode.Failed;
}
catch (Exception exception) when (exception is CommandException or IOException or UnauthorizedAccessException or InvalidDataException)
{
    await Console.Error.WriteLineAsync($"builder: {exception.Message}");
    return ExitCode.Failed;
}
