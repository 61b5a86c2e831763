using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Originals;
using Builder.Storage.Database;
using Builder.Storage.Migrations;
using Builder.Storage.Troubles;

namespace Builder.Cli.Db;

/// <summary>
/// Single steps by the names of builder-migrations: <c>migrate-DATE</c>, <c>rollback-DATE</c>, <c>fixup-DATE</c>. Each looks first whether the
/// database is ours and at the version that the step begins with, and changes nothing where it is not.
/// </summary>
internal static class MigrationStepCommands
{
    public static IEnumerable<Command> Create(DataOptions data) =>
        [
            .. Migrator.Steps.Select(step =>
                Known(data, $"migrate-{step.Identifier}", step.Summary, step.OldVersion, step.NewVersion, isDown: false)
            ),
            .. Migrator.Steps.Select(step =>
                Known(data, $"rollback-{step.Identifier}", step.RollbackSummary, step.NewVersion, step.OldVersion, isDown: true)
            ),
            .. OriginalPrograms
                .Steps.Where(IsUnknown)
                .SelectMany(step => (string[])[$"migrate-{step}", $"rollback-{step}"])
                .Select(name => Unknown(data, name)),
            .. OriginalPrograms.Fixups.Select(step => Unknown(data, $"fixup-{step}")),
        ];

    private static bool IsUnknown(string identifier) => Migrator.Steps.All(step => step.Identifier != identifier);

    private static Command Known(DataOptions data, string name, string summary, long from, long to, bool isDown)
    {
        var command = new Command(name, $"From schema version {from} to {to}: {summary}.") { Hidden = true };
        var keep = MigrationsCommand.KeepOption();
        if (isDown)
            command.Add(keep);
        command.SetAction(
            (parsed, cancellationToken) =>
                GuardAsync(async () =>
                {
                    var settings = data.Settings(parsed);
                    var version = await VersionAsync(settings, cancellationToken);
                    var migrator = new Migrator(settings, new LineProgress());
                    var isCutOff = isDown && version == to && await migrator.IsRollbackUnfinishedAsync(cancellationToken);
                    if (version != from && !isCutOff)
                        throw new CommandException(
                            $"{name} begins with schema version {from}; {settings.Description} has version {version}"
                        );
                    await (
                        isDown
                            ? migrator.RollbackAsync(cancellationToken, parsed.GetValue(keep))
                            : migrator.MigrateAsync(cancellationToken, to)
                    );
                })
        );
        return command;
    }

    /// <summary>Steps of a time before version 15, which this program does not have.</summary>
    private static Command Unknown(DataOptions data, string name)
    {
        var oldest = Migrator.Steps[0].OldVersion;
        var command = new Command(name, $"A step before schema version {oldest}, which only the original builder-migrations has.")
        {
            Hidden = true,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                GuardAsync(async () =>
                {
                    var settings = data.Settings(parsed);
                    var version = await VersionAsync(settings, cancellationToken);
                    throw new CommandException(
                        version < oldest
                            ? $"{name} is a step before schema version {oldest}: run it with the original builder-migrations; {settings.Description} has version {version}"
                            : $"{name} is a step before schema version {oldest}, which {settings.Description} (version {version}) has behind it"
                    );
                })
        );
        return command;
    }

    private static async Task<long> VersionAsync(DatabaseSettings settings, CancellationToken cancellationToken) =>
        await new Migrator(settings, new LineProgress()).CurrentVersionAsync(cancellationToken)
        ?? throw new CommandException($"{settings.Description}: there is no database yet; \"builder migrations migrate\" creates it");

    private static async Task<int> GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
            return ExitCode.Success;
        }
        catch (SchemaException exception)
        {
            throw new CommandException(exception.Message);
        }
    }
}
