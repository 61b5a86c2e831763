using System.CommandLine;
using Builder.Cli.Data;
using Builder.Cli.Errors;
using Builder.Cli.Secrets;
using Builder.Cli.Text;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Maintenance;
using Builder.Storage.Migrations;
using Builder.Storage.Troubles;

namespace Builder.Cli.Db;

/// <summary><c>builder db copy</c>: tables go to another engine (<c>--to</c>), files to a bucket or back (<c>--to-artifacts</c>), or both.</summary>
internal static class CopyCommand
{
    private const string Sqlite = "sqlite";
    private const string InDirectory = "directory";

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
        var toArtifacts = new Option<string?>("--to-artifacts")
        {
            Description =
                "Copy artifacts and files of builds too: to a bucket, such as \"s3://BUCKET?endpoint=https://HOST\", or with \"directory\" to the data directory. Run it again to copy what came since.",
            HelpName = "ADDRESS",
        };
        var command = new Command(
            "copy",
            "Copy all tables to another database, from SQLite to PostgreSQL or back, and artifacts from the data directory to a bucket or back. The source stays."
        )
        {
            to,
            toFile,
            toArtifacts,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(to) is not null && result.GetResult(toFile) is not null)
                result.AddError("db copy takes either --to CONNECTION or --to-file FILE, not both");
            if (result.GetResult(to) is null && result.GetResult(toFile) is null && result.GetResult(toArtifacts) is null)
                result.AddError("db copy needs --to CONNECTION, --to-file FILE or --to-artifacts ADDRESS");
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var source = data.Settings(parsed);
                await using var from = await data.OpenAsync(parsed, cancellationToken);
                // Files first: tables whose files are not there yet would be wrong, files without tables are only unused.
                if (parsed.GetValue(toArtifacts) is { } artifacts)
                    await CopyFilesAsync(from, source, toArtifacts.Name, artifacts, cancellationToken);
                if (parsed.GetValue(toFile) is null && parsed.GetValue(to) is null)
                    return ExitCode.Success;
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

    private static async Task CopyFilesAsync(
        BuilderDatabase database,
        DatabaseSettings source,
        string option,
        string text,
        CancellationToken cancellationToken
    )
    {
        var target = source with { Objects = text == InDirectory ? null : DataOptions.ParseArtifacts(option, text) };
        if (target.Objects?.Address == source.Objects?.Address)
            throw new CommandException($"{option}: \"{Printable.Of(text)}\" is where the artifacts are already.");
        using var from = StoredFiles.Open(source, TimeProvider.System);
        using var to = StoredFiles.Open(target, TimeProvider.System);
        if (to.Bucket is { } bucket)
            await bucket.CheckAsync(cancellationToken);
        BackupReport report;
        try
        {
            report = await new FilesCopy(database, from, to, new LineProgress()).RunAsync(cancellationToken);
        }
        catch (SchemaException exception)
        {
            throw new CommandException($"{option}: {exception.Message}");
        }
        await Console.Error.WriteLineAsync($"{report.Files:N0} files with {report.Bytes:N0} bytes were new.");
        foreach (var problem in report.Damaged)
            await Console.Error.WriteLineAsync($"not copied: {problem}");
        if (report.Damaged.Count > 0)
            throw new CommandException("All else is copied. \"builder db verify-data-dir\" lists all problems of the source.");
    }
}
