using System.CommandLine;

namespace Builder.Cli.Db;

/// <summary><c>builder db …</c>: looks after the data directory; each command may run while the web process does.</summary>
internal static class DbCommand
{
    public static Command Create()
    {
        var data = new DataOptions();
        var command = new Command("db", "Look after the database and the data directory, while the web process runs or not.")
        {
            AccessCommands.CreateAdd(data),
            AccessCommands.CreateRemove(data),
            BackupCommand.Create(data),
            CopyCommand.Create(data),
            ExtractBuildCommand.Create(data),
            JobRemoveCommand.Create(data),
            ListUnreproducibleCommand.Create(data),
            MigrateCommand.Create(data),
            UserAddCommand.Create(data),
            UserDisableCommand.Create(data),
            UserListCommand.Create(data),
            UserRemoveCommand.Create(data),
            UserUpdateCommand.Create(data),
            VacuumCommand.Create(data),
            VerifyCommands.CreateCacheDirectory(data),
            VerifyCommands.CreateDataDirectory(data),
            VerifyCommands.CreateInputId(data),
        };
        data.AddTo(command);
        return command;
    }
}
