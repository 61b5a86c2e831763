using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Secrets;
using Builder.Storage.Database;
using Builder.Storage.Maintenance;
using Builder.Storage.Migrations;
using Builder.Storage.Troubles;

namespace Builder.Cli.Db;

/// <summary><c>builder db copy --to CONNECTION|sqlite</c>: the tables go to another engine, the files stay.</summary>
internal static class CopyCommand
{
    private const string Sqlite = "sqlite";

    public static Command Create(DataOptions data)
    {
        var to = new Option<string>("--to")
        {
            Description =
                "An empty PostgreSQL database, such as \"Host=/run/postgresql;Database=builder\", or \"sqlite\" for builder.sqlite3 in the data directory.",
            HelpName = "CONNECTION",
        };
        var toFile = new Option<FileInfo?>("--to-file")
        {
            Description = "File with the connection string of that database, for one that holds a password.",
            HelpName = "FILE",
        };
        var command = new Command(
            "copy",
            "Copy all tables to another database, from SQLite to PostgreSQL or back; the data directory's files serve both."
        )
        {
            to,
            toFile,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(to) is null == result.GetResult(toFile) is null)
                result.AddError("db copy needs either --to CONNECTION or --to-file FILE");
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var source = data.Settings(parsed);
                var target = parsed.GetValue(toFile) is { } file
                    ? source with
                    {
                        ConnectionString = SecretFile.ReadText(toFile.Name, file.FullName, Warning.Show),
                    }
                    : source with
                    {
                        ConnectionString = parsed.GetRequiredValue(to) is var wanted && wanted == Sqlite ? null : wanted,
                    };
                var option = target.ConnectionString is null || parsed.GetValue(toFile) is null ? to.Name : toFile.Name;
                DataOptions.RequireReadable(option, target);
                if (option == to.Name && target.HoldsPassword)
                    Warning.Show(DataOptions.PasswordInArgument(to.Name, toFile.Name));
                if (target == source)
                    throw new CommandException("Source and target are the same database.");
                await using var from = await data.OpenAsync(parsed, cancellationToken);
                try
                {
                    await new Migrator(target, new LineProgress()).MigrateAsync(cancellationToken);
                    await using var into = await BuilderDatabase.OpenAsync(target, cancellationToken);
                    await DatabaseCopy.CopyAsync(from, into, new LineProgress(), cancellationToken);
                }
                catch (SchemaException exception)
                {
                    throw new CommandException($"{option}: {exception.Message}");
                }
                return ExitCode.Success;
            }
        );
        return command;
    }
}
