using System.CommandLine;
using Builder.Storage.Database;
using Builder.Storage.Maintenance;
using Builder.Storage.Migrations;

namespace Builder.Cli.Db;

/// <summary><c>builder db copy --to CONNECTION|sqlite</c>: the tables go to another engine, the files stay.</summary>
internal static class CopyCommand
{
    private const string Sqlite = "sqlite";

    public static Command Create(DataOptions data)
    {
        var to = new Option<string>("--to")
        {
            Description = "An empty PostgreSQL database, such as \"Host=/run/postgresql;Database=builder\", or \"sqlite\" for builder.sqlite3 in the data directory.",
            HelpName = "CONNECTION",
            Required = true,
        };
        var command = new Command("copy", "Copy all tables to another database, from SQLite to PostgreSQL or back; the data directory's files serve both.") { to };
        command.SetAction(async (parsed, cancellation) =>
        {
            var source = data.Settings(parsed);
            var wanted = parsed.GetRequiredValue(to);
            var target = source with { ConnectionString = wanted == Sqlite ? null : wanted };
            DataOptions.RequireReadable("--to", target);
            if (target == source)
                throw new CommandException("Source and target are the same database.");
            await using var from = await data.OpenAsync(parsed, cancellation);
            try
            {
                await new Migrator(target, new LineProgress()).MigrateAsync(cancellation);
                await using var into = await BuilderDatabase.OpenAsync(target, cancellation);
                await DatabaseCopy.CopyAsync(from, into, new LineProgress(), cancellation);
            }
            catch (SchemaException error)
            {
                throw new CommandException($"--to: {error.Message}");
            }
            return ExitCode.Success;
        });
        return command;
    }
}
