using System.CommandLine;
using Builder.Cli.Errors;
using Builder.Cli.Secrets;
using Builder.Cli.Text;
using Builder.Objects.Addresses;
using Builder.Objects.Credentials;
using Builder.Storage;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Troubles;

namespace Builder.Cli.Data;

/// <summary>Where the data is: the same options for every verb that works on it.</summary>
internal sealed class DataOptions
{
    public const string DirectoryVariable = "BUILDER_WEB_DATADIR";
    public const string DatabaseVariable = "BUILDER_DATABASE";

    public const string ArtifactsVariable = "BUILDER_ARTIFACTS";

    private const string Credential = "database";

    private bool hasWarned;

    public Option<string> Directory { get; } =
        new("--datadir", "-d")
        {
            Description = $"Data directory; default ${DirectoryVariable}, or {DefaultDirectory}.",
            DefaultValueFactory = _ =>
                Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } value ? value : DefaultDirectory,
            HelpName = "DIR",
            Recursive = true,
        };

    public Option<string?> Database { get; } =
        new("--database")
        {
            Description =
                $"PostgreSQL instead of SQLite in the data directory, such as \"Host=/run/postgresql;Database=builder\"; "
                + $"default the systemd credential \"{Credential}\", or ${DatabaseVariable}.",
            HelpName = "CONNECTION",
            Recursive = true,
        };

    public Option<FileInfo?> DatabaseFile { get; } =
        new("--database-file")
        {
            Description = "File with the connection string, for one that holds a password; goes before --database.",
            HelpName = "FILE",
            Recursive = true,
        };

    public Option<string?> Artifacts { get; } =
        new("--artifacts")
        {
            Description =
                "A bucket for artifacts and files of builds, such as \"s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION\"; "
                + $"default ${ArtifactsVariable}, or the data directory. Keys as for the AWS tools: $AWS_ACCESS_KEY_ID and $AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials.",
            HelpName = "ADDRESS",
            Recursive = true,
        };

    public static string DefaultDirectory => OperatingSystem.IsFreeBSD() ? "/var/db/builder-web" : "/var/lib/builder-web";

    public void AddTo(Command command)
    {
        command.Add(Directory);
        command.Add(Database);
        command.Add(DatabaseFile);
        command.Add(Artifacts);
    }

    /// <exception cref="CommandException">The connection string cannot be read.</exception>
    public DatabaseSettings Settings(ParseResult parsed)
    {
        if (parsed.GetRequiredValue(Directory).Length == 0)
            throw new CommandException("--datadir is empty: give a directory.");
        var (source, connection) = Connection(parsed);
        var settings = new DatabaseSettings(Path.GetFullPath(parsed.GetRequiredValue(Directory)), connection) { Objects = Objects(parsed) };
        RequireReadable(source, settings);
        if (source == Database.Name && settings.HoldsPassword)
            Warn(PasswordInArgument(Database.Name, DatabaseFile.Name));
        hasWarned = true;
        return settings;
    }

    /// <returns>Null for the data directory.</returns>
    /// <exception cref="CommandException">The text is no address of a bucket.</exception>
    public static ObjectStoreSettings? ParseArtifacts(string source, string text) =>
        BucketAddress.TryParse(text, Environment.GetEnvironmentVariable, out var address, out var reason)
            ? new ObjectStoreSettings(address, new ConfiguredAccessKeys(Environment.GetEnvironmentVariable))
            : throw new CommandException(
                $"{source}: \"s3://BUCKET?endpoint=https://HOST\" would be a bucket; \"{Printable.Of(text)}\" is none: {reason}"
            );

    private ObjectStoreSettings? Objects(ParseResult parsed)
    {
        if (parsed.GetValue(Artifacts) is { } argument)
            return ParseArtifacts(Artifacts.Name, argument);
        return Environment.GetEnvironmentVariable(ArtifactsVariable) is { Length: > 0 } value
            ? ParseArtifacts($"${ArtifactsVariable}", value)
            : null;
    }

    /// <summary>The warning for a connection string that everybody on the machine can read.</summary>
    public static string PasswordInArgument(string option, string instead) =>
        $"{option} holds a password, which every user of this machine can read in the list of processes: use {instead}";

    private (string Source, string? Connection) Connection(ParseResult parsed) =>
        ConnectionText.Find(
            (Database.Name, parsed.GetValue(Database)),
            (DatabaseFile.Name, parsed.GetValue(DatabaseFile)),
            Credential,
            DatabaseVariable,
            Warn
        );

    /// <summary>Once: some commands ask for the settings more than once.</summary>
    private void Warn(string text)
    {
        if (!hasWarned)
            Warning.Show(text);
    }

    /// <exception cref="CommandException">The connection string cannot be read.</exception>
    public static void RequireReadable(string option, DatabaseSettings settings)
    {
        try
        {
            _ = settings.Description;
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(
                $"{option}: \"Host=/run/postgresql;Database=builder\" would be a connection; this cannot be read as one: {exception.Message}"
            );
        }
    }

    /// <exception cref="CommandException">No database of the newest version is there; the message says how to fix it.</exception>
    public async Task<BuilderDatabase> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await BuilderDatabase.OpenAsync(Settings(parsed), cancellationToken);
        }
        catch (SchemaException exception)
        {
            throw new CommandException(exception.Message);
        }
    }

    /// <exception cref="CommandException">No database of the newest version is there; the message says how to fix it.</exception>
    public async Task<BuilderStorage> OpenStorageAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await BuilderStorage.OpenAsync(Settings(parsed), TimeProvider.System, cancellationToken);
        }
        catch (SchemaException exception)
        {
            throw new CommandException(exception.Message);
        }
    }
}
