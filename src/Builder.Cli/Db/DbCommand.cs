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
            MigrateCommand.Create(data),
            UserAddCommand.Create(data),
        };
        data.AddTo(command);
        return command;
    }
}
