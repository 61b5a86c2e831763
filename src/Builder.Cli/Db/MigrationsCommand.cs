using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Storage.Database;
using Builder.Storage.Migrations;
using Builder.Storage.Troubles;

namespace Builder.Cli.Db;

/// <summary><c>builder migrations [migrate | rollback]</c>: without a verb the steps and where the database stands.</summary>
internal static class MigrationsCommand
{
    public static Command Create()
    {
        var data = new DataOptions();
        var command = new Command("migrations", "List the steps between schema versions, and where the database stands.")
        {
            MigrateCommand.Create(data),
            CreateRollback(data),
        };
        foreach (var step in MigrationStepCommands.Create(data))
            command.Add(step);
        data.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await ListAsync(data.Settings(parsed), cancellationToken);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Command CreateRollback(DataOptions data)
    {
        var keep = KeepOption();
        var command = new Command(
            "rollback",
            "Go one version back; repeat it down to 18, the version of the original. Stop the web process first. From 19 to 18 Builder's own files move to DATADIR.rolled-back."
        )
        {
            keep,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                try
                {
                    await new Migrator(data.Settings(parsed), new LineProgress()).RollbackAsync(cancellationToken, parsed.GetValue(keep));
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

    /// <summary>Of each command that goes back to the original's version.</summary>
    public static Option<bool> KeepOption() =>
        new("--keep")
        {
            Description = "Leave the files that only Builder knows in the data directory; default: move them to DATADIR.rolled-back.",
        };

    private static async Task ListAsync(DatabaseSettings settings, CancellationToken cancellationToken)
    {
        foreach (var step in Migrator.Steps)
        {
            Console.WriteLine($"{step.Identifier}  {step.OldVersion} -> {step.NewVersion}  {step.Summary}");
            Console.WriteLine($"            {step.NewVersion} -> {step.OldVersion}  {step.RollbackSummary}");
        }
        try
        {
            var version = await new Migrator(settings, new LineProgress()).CurrentVersionAsync(cancellationToken);
            await Console.Error.WriteLineAsync(
                version is null
                    ? $"{settings.Description}: none yet; \"builder migrations migrate\" creates it at version {Migrator.NewestVersion}."
                    : $"{settings.Description}: version {version}; the newest is {Migrator.NewestVersion}."
            );
        }
        catch (SchemaException exception)
        {
            throw new CommandException(exception.Message);
        }
    }
}
