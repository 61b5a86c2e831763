using System.CommandLine;
using Builder.Storage;
using Builder.Storage.Database;

namespace Builder.Cli.Db;

/// <summary>Where the data is: the same options for every verb that works on it.</summary>
internal sealed class DataOptions
{
    public const string DirectoryVariable = "BUILDER_WEB_DATADIR";
    public const string DatabaseVariable = "BUILDER_DATABASE";

    public Option<string> Directory { get; } = new("--datadir", "-d")
    {
        Description = $"Data directory; default ${DirectoryVariable}, or {DefaultDirectory}.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } value ? value : DefaultDirectory,
        HelpName = "DIR",
        Recursive = true,
    };

    public Option<string?> Database { get; } = new("--database")
    {
        Description = $"PostgreSQL instead of SQLite in the data directory, such as \"Host=/run/postgresql;Database=builder\"; default ${DatabaseVariable}.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(DatabaseVariable) is { Length: > 0 } value ? value : null,
        HelpName = "CONNECTION",
        Recursive = true,
    };

    public static string DefaultDirectory => OperatingSystem.IsFreeBSD() ? "/var/db/builder-web" : "/var/lib/builder-web";

    public void AddTo(Command command)
    {
        command.Add(Directory);
        command.Add(Database);
    }

    /// <exception cref="CommandException">The connection string cannot be read.</exception>
    public DatabaseSettings Settings(ParseResult parsed)
    {
        if (parsed.GetRequiredValue(Directory).Length == 0)
            throw new CommandException("--datadir is empty: give a directory.");
        var settings = new DatabaseSettings(Path.GetFullPath(parsed.GetRequiredValue(Directory)), parsed.GetValue(Database));
        RequireReadable("--database", settings);
        return settings;
    }

    /// <exception cref="CommandException">The connection string cannot be read.</exception>
    public static void RequireReadable(string option, DatabaseSettings settings)
    {
        try
        {
            _ = settings.Description;
        }
        catch (ArgumentException error)
        {
            throw new CommandException($"{option}: \"Host=/run/postgresql;Database=builder\" would be a connection; this cannot be read as one: {error.Message}");
        }
    }

    /// <exception cref="CommandException">No database of the newest version is there; the message says what mends it.</exception>
    public async Task<BuilderDatabase> OpenAsync(ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            return await BuilderDatabase.OpenAsync(Settings(parsed), cancellation);
        }
        catch (SchemaException error)
        {
            throw new CommandException(error.Message);
        }
    }

    /// <exception cref="CommandException">No database of the newest version is there; the message says what mends it.</exception>
    public async Task<BuilderStorage> OpenStorageAsync(ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            return await BuilderStorage.OpenAsync(Settings(parsed), TimeProvider.System, cancellation);
        }
        catch (SchemaException error)
        {
            throw new CommandException(error.Message);
        }
    }
}
