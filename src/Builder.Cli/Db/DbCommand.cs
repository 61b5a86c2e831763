using System.CommandLine;
using Builder.Cli.Data;

namespace Builder.Cli.Db;

/// <summary><c>builder db …</c>: looks after the data directory; each command may run while the web process does.</summary>
internal static class DbCommand
{
    /// <param name="asOriginal">Commands whose meaning differs mean what they mean in builder-db.</param>
    public static Command Create(bool asOriginal = false)
    {
        var data = new DataOptions();
        var command = new Command("db", "Look after the database and the data directory, while the web process runs or not.")
        {
            AccessCommands.CreateAdd(data),
            AccessCommands.CreateRemove(data),
            AttestCommand.Create(data),
            AuditCommand.Create(data),
            BackupCommand.Create(data),
            CopyCommand.Create(data),
            ExtractBuildCommand.Create(data, asOriginal),
            IndexCommand.Create(data),
            JobRemoveCommand.Create(data),
            ListUnreproducibleCommand.Create(data),
            MigrateCommand.Create(data),
            PackCommands.CreatePack(data),
            ProcessesCommand.Create(data),
            RebuilderCommands.CreateAdd(data),
            RebuilderCommands.CreateList(data),
            RebuilderCommands.CreateRetire(data),
            RebuilderCommands.CreateRevoke(data),
            RetractCommand.Create(data),
            SignInLinkCommand.Create(data),
            TokenCommands.CreateAdd(data),
            TokenCommands.CreateList(data),
            TokenCommands.CreateRevoke(data),
            PackCommands.CreateUnpack(data),
            UserAddCommand.Create(data),
            UserDisableCommand.Create(data),
            UserListCommand.Create(data, asOriginal),
            UserRemoveCommand.Create(data),
            UserUpdateCommand.Create(data),
            VacuumCommand.Create(data, asOriginal),
            VerifyCommands.CreateCacheDirectory(data),
            VerifyCommands.CreateDataDirectory(data),
            asOriginal ? ListUnreproducibleCommand.Create(data, "verify-input-id") : VerifyCommands.CreateInputId(data),
        };
        data.AddTo(command);
        return command;
    }
}
