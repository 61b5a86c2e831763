using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Migrations;
using Builder.Storage.Troubles;

namespace Builder.Cli.Db;

/// <summary><c>builder db migrate</c>, also <c>builder migrations migrate</c>: creates what is absent, brings up what is old.</summary>
internal static class MigrateCommand
{
    public static Command Create(DataOptions data)
    {
        var command = new Command(
            "migrate",
            "Create the data directory and its database, or bring an older one up to this program's version."
        );
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                try
                {
                    await new Migrator(data.Settings(parsed), new LineProgress()).MigrateAsync(cancellationToken);
                    return ExitCode.Success;
                }
                catch (SchemaException exception)
                {
                    throw new CommandException(exception.Message);
                }
            }
        );
        return command;
    }
}
